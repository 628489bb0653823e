using Thimble.Compute.Memory;

namespace Thimble.Compute.Kernels;

/// <summary>Query rows that share one key-value head of one sequence, and what they may see.</summary>
internal readonly ref struct AttentionHead
{
    /// <summary>Where keys and values lie.</summary>
    public required KeyValueStore Store { get; init; }

    /// <summary>The layer, counted among those that keep keys.</summary>
    public required int Layer { get; init; }

    /// <summary>The key-value head.</summary>
    public required int Head { get; init; }

    /// <summary>The sequence's pages, oldest first.</summary>
    public required ReadOnlySpan<int> Pages { get; init; }

    /// <summary>Queries, shape [tokens, ≥ column + group · key size]: each token's heads of this group side by side.</summary>
    public required Matrix Queries { get; init; }

    /// <summary>Where in a row of <see cref="Queries"/> the group begins.</summary>
    public required int QueryColumn { get; init; }

    /// <summary>Receives the attention, shape [tokens, ≥ column + group · value size].</summary>
    public required Matrix Output { get; init; }

    /// <summary>Where in a row of <see cref="Output"/> the group begins.</summary>
    public required int OutputColumn { get; init; }

    /// <summary>Query heads that share the key-value head.</summary>
    public required int Group { get; init; }

    /// <summary>The first query head of the group.</summary>
    public required int QueryHead { get; init; }

    /// <summary>Place of the first query's token among all keys: its position, but for a tree's tokens.</summary>
    public required int Position { get; init; }

    /// <summary>Keys there are.</summary>
    public required int Length { get; init; }

    /// <summary>How scores are made from products, and which keys are seen.</summary>
    public required AttentionRule Rule { get; init; }

    /// <summary>What of each other the step's tokens see; null where each sees all before it.</summary>
    public TokenTree? Tree { get; init; }

    /// <summary>Keys there were before the step: where the tree's tokens begin.</summary>
    public int TreeStart { get; init; }

    /// <summary>Keys that see one another, whichever comes first, in rising order; empty for none.</summary>
    public ReadOnlySpan<KeySpan> Mutual { get; init; }

    /// <summary>The layer's calibrated score ranges; null for a softmax that seeks each row's own.</summary>
    public UnifiedLayer? Unified { get; init; }

    /// <summary>Receives each row's greatest score, where they are calibrated, shape [rows]; empty for none.</summary>
    public Span<float> Peaks { get; init; }

    /// <summary>Receives parts instead of <see cref="Output"/>, chunk by chunk and row by row; default for none.</summary>
    public AttentionParts Parts { get; init; }

    /// <summary>The first chunk of keys, where parts are wanted.</summary>
    public int FirstChunk { get; init; }

    /// <summary>The chunk after the last, where parts are wanted.</summary>
    public int EndChunk { get; init; }

    /// <summary>Query rows: each token's heads of the group.</summary>
    public int Rows => Queries.Rows * Group;

    /// <summary>The query head of a row.</summary>
    public int HeadOf(int row) => QueryHead + (row % Group);

    /// <summary>One row alone.</summary>
    public AttentionHead Row(int row)
    {
        HeadShape shape = Store.Shape(Layer);
        return this with
        {
            Queries = Queries.Part(row / Group, 1),
            QueryColumn = QueryColumn + (row % Group * shape.KeySize),
            Output = Output.Part(row / Group, 1),
            OutputColumn = OutputColumn + (row % Group * shape.ValueSize),
            Group = 1,
            QueryHead = HeadOf(row),
            Position = Position + (row / Group),
            Unified = null,
            Peaks = [],
            Parts = default,
        };
    }

    /// <summary>One row's query.</summary>
    public ReadOnlySpan<float> Query(int row, int size) => Queries[row / Group].Slice(QueryColumn + (row % Group * size), size);

    /// <summary>Where one row's attention goes.</summary>
    public Span<float> Target(int row, int size) => Output[row / Group].Slice(OutputColumn + (row % Group * size), size);

    /// <summary>The position of a token, given by its place among all keys.</summary>
    public int PositionOf(int slot) => Tree is null || slot < TreeStart ? slot : TreeStart + Tree.Depth(slot - TreeStart);

    /// <summary>The keys [first, end) that a token, given by its place among all keys, sees; of a tree's, as they would lie if its branch were alone.</summary>
    public (int First, int End) View(int slot)
    {
        int position = PositionOf(slot), first = Rule.FirstKey(position), end = Rule.EndKey(position, Length);
        if (Mutual.IsEmpty || !TryFind(slot, out KeySpan span))
            return (first, end);
        return Rule.Parted ? (span.First, Math.Min(span.End, Length)) : (first, Math.Max(end, Math.Min(span.End, Length)));
    }

    private bool TryFind(int slot, out KeySpan span)
    {
        (int low, int high) = (0, Mutual.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Mutual[middle].End <= slot ? (middle + 1, high) : (low, middle);
        }

        span = low < Mutual.Length ? Mutual[low] : default;
        return low < Mutual.Length && slot >= span.First;
    }
}

/// <summary>Partial attentions: for every chunk of keys and row its greatest score, sum, peak and output.</summary>
/// <param name="values">Shape [chunks, rows, <see cref="Heading"/> + value size].</param>
/// <param name="rows">Query rows.</param>
/// <param name="size">Value size.</param>
internal readonly ref struct AttentionParts(Span<float> values, int rows, int size)
{
    /// <summary>Floats before an output.</summary>
    public const int Heading = 3;

    private readonly Span<float> _values = values;
    private readonly int _rows = rows, _size = size;

    /// <summary>Whether none are wanted.</summary>
    public bool IsEmpty => _values.IsEmpty;

    /// <summary>One part, shape [<see cref="Heading"/> + value size].</summary>
    public Span<float> this[int chunk, int row] =>
        _values.Slice(((chunk * _rows) + row) * (_size + Heading), _size + Heading);
}

/// <summary>Neighbouring keys.</summary>
/// <param name="First">Place of the first.</param>
/// <param name="End">Place behind the last.</param>
internal readonly record struct KeySpan(int First, int End);
