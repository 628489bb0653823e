using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Models.Blocks;

/// <summary>The operations of one run, written down by the blocks that would compute them.</summary>
/// <param name="run">What the run is given.</param>
/// <param name="cell">How keys and values are stored.</param>
internal sealed class Demands(RunShape run, CellFormat cell)
{
    private const int FloatBytes = sizeof(float), SoftmaxOperations = 5, NormOperations = 4;

    private readonly List<Operation> _all = [];
    private double _rows = run.Rows, _matrices = 1;

    /// <summary>What the run is given.</summary>
    public RunShape Run { get; } = run;

    /// <summary>The operations so far, in the order they are computed.</summary>
    public IReadOnlyList<Operation> All => _all;

    /// <summary>The layer whose operations come now; −1 for none.</summary>
    public int Layer { get; set; } = -1;

    /// <summary>Tokens that operations meet now.</summary>
    public double Rows => _rows;

    /// <summary>Describes what only some tokens meet, of as many equal blocks as are met.</summary>
    /// <param name="rows">Tokens that each block meets.</param>
    /// <param name="blocks">Blocks that are met.</param>
    /// <param name="describe">Describes one of them.</param>
    public void Among(double rows, double blocks, Action<Demands> describe)
    {
        (double before, double matrices) = (_rows, _matrices);
        (_rows, _matrices) = (rows, matrices * blocks);
        describe(this);
        (_rows, _matrices) = (before, matrices);
    }

    /// <summary>Products with a block's weights, which share one fork.</summary>
    public void Product(Linear linear)
    {
        for (int i = 0; i < linear.Parts.Length; i++)
            Product([linear.Parts[i]], forks: i == 0 ? 1 : 0);
    }

    /// <summary>Products with equal weights, each of which meets all tokens.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="forks">How often the team forks; null for once each.</param>
    public void Product(IReadOnlyList<Weight> weights, int? forks = null)
    {
        if (weights.Count == 0)
            return;

        Weight weight = weights[0];
        double matrices = _matrices * weights.Count, met = _rows * matrices;
        Add(new(Plain(weight.Name), weight.Format.Name)
        {
            IsProduct = true,
            Matrices = matrices,
            Rows = _rows,
            Operations = 2.0 * met * weight.Rows * weight.Columns,
            WeightBytes = matrices * weight.Bytes,
            ReadBytes = met * weight.Columns * FloatBytes,
            WrittenBytes = met * weight.Rows * FloatBytes,
            Forks = forks ?? matrices,
        });
    }

    /// <summary>Attention of every new token over the keys that it sees.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="keys">Key-value heads and their sizes.</param>
    /// <param name="rule">Which keys a query sees.</param>
    /// <param name="owns">Whether the new tokens' keys and values are written.</param>
    /// <param name="source">Keys of another text that are met instead of this one's; 0 for this one's.</param>
    public void Attention(string name, int heads, HeadShape keys, AttentionRule rule, bool owns = true, int source = 0)
    {
        int length = source > 0 ? source : Run.Past + Run.Tokens, first = length;
        double seen = 0;
        for (int i = 0; i < Run.Tokens; i++)
        {
            int from = source > 0 ? 0 : rule.FirstKey(Run.Past + i), to = source > 0 ? source : rule.EndKey(Run.Past + i, length);
            seen += to - from;
            first = Math.Min(first, from);
        }

        double token = keys.Heads * (cell.Planes(keys.KeySize).Bytes + cell.Planes(keys.ValueSize).Bytes);
        Add(new(name, Operation.Attention)
        {
            Matrices = Run.Sequences,
            Rows = Run.Tokens,   // that meet the same keys
            Scores = Run.Sequences * seen * heads,
            Operations = Run.Sequences * seen * heads * ((2.0 * (keys.KeySize + keys.ValueSize)) + SoftmaxOperations),
            ReadBytes = _rows * heads * keys.KeySize * FloatBytes,
            WrittenBytes = _rows * heads * keys.ValueSize * FloatBytes,
            CacheReadBytes = Run.Sequences * token * (length - first),
            CacheWrittenBytes = owns ? _rows * token : 0,
        });
    }

    /// <summary>A recurrent state that every new token of a sequence reads and writes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="floats">Floats of one sequence's state.</param>
    public void Recurrence(string name, int floats) => Add(new(name, Operation.Recurrence)
    {
        Rows = _rows,
        Operations = 4.0 * _rows * floats,   // fade, add, and a product with the query
        CacheReadBytes = (double)Run.Sequences * floats * FloatBytes,
        CacheWrittenBytes = (double)Run.Sequences * floats * FloatBytes,
    });

    /// <summary>A norm of every token; nothing where there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="norm">The norm.</param>
    /// <param name="width">Features of a token.</param>
    public void Norm(string name, Norm? norm, int width)
    {
        if (norm is not null)
            Each(name, Operation.Norm, width, (norm.Centred ? 2 : 0) + NormOperations, read: 1);
    }

    /// <summary>Something done feature by feature.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="width">Features that a token gets by it.</param>
    /// <param name="operations">Operations for each.</param>
    /// <param name="read">Features read for each that is written.</param>
    public void Map(string name, int width, double operations, double read = 1) => Each(name, Operation.Map, width, operations, read);

    /// <summary>Rows taken from a table.</summary>
    public void Lookup(Weight table) => Add(new(Plain(table.Name), Operation.Lookup)
    {
        Rows = _rows,
        Operations = _rows * table.Columns,
        WeightBytes = _rows * table.RowBytes,
        WrittenBytes = _rows * table.Columns * FloatBytes,
        Forks = 0,
    });

    private void Each(string name, string kernel, int width, double operations, double read) => Add(new(name, kernel)
    {
        Rows = _rows,
        Operations = _rows * _matrices * width * operations,
        ReadBytes = _rows * _matrices * width * read * FloatBytes,
        WrittenBytes = _rows * _matrices * width * FloatBytes,
    });

    private void Add(Operation operation) => _all.Add(operation with { Layer = Layer });

    /// <summary>A tensor's name without the expert's or head's number behind it.</summary>
    private static string Plain(string name) => name.IndexOf('[', StringComparison.Ordinal) is > 0 and var at ? name[..at] : name;
}
