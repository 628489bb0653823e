using System.Runtime.InteropServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>Sees a product before it is computed.</summary>
/// <param name="weight">The matrix.</param>
/// <param name="x">What it is multiplied with, shape [rows, columns of the weight].</param>
internal delegate void ProductObserver(Weight weight, Matrix x);

/// <summary>One run through a model: new tokens of one or several sequences as rows, and the scratch memory of the run.</summary>
/// <remarks>Reused from run to run, so that running allocates nothing.</remarks>
internal sealed class Pass(Team team) : IDisposable
{
    private readonly List<int> _tokens = [], _positions = [], _wanted = [];
    private readonly List<(int Height, int Width)> _across = [];
    private readonly List<(int Row, int Count, GivenRows Rows, int First)> _given = [];
    private readonly List<Segment> _segments = [];
    private readonly List<(object Key, Loan Rows)> _shared = [];
    private readonly Arena _kept = new();   // what is shared outlives the marks of the layer that first asks for it

    /// <summary>Who shares the work.</summary>
    public Team Team { get; } = team;

    /// <summary>Memory for what the run computes.</summary>
    public Arena Scratch { get; } = new();

    /// <summary>Shown each weight and what it is about to be multiplied with, for measurements; null for nobody.</summary>
    public ProductObserver? Observer { get; set; }

    /// <summary>Times each operation, for measurements; null for nobody.</summary>
    public OperationTrace? Trace { get; set; }

    /// <summary>The calibrated softmax; null for the one that needs none.</summary>
    public FlashDecodingPlusPlus? FlashDecoding { get; set; }

    /// <summary>Whether keys that several sequences share are met once for all of them.</summary>
    public bool SharesKeys { get; set; } = true;

    /// <summary>Keys of all layers that were not met again since sequences share them.</summary>
    public long KeysSpared { get; set; }

    /// <summary>Which piece of a work shared among the team comes next.</summary>
    public Tickets Tickets { get; } = new();

    /// <summary>Rows: new tokens of all sequences together.</summary>
    public int Rows => _tokens.Count;

    /// <summary>Token ids, below 0 where a vector is given, shape [rows].</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Positions in their sequences, shape [rows].</summary>
    public ReadOnlySpan<int> Positions => CollectionsMarshal.AsSpan(_positions);

    /// <summary>The rows whose outcome is wanted, rising.</summary>
    public ReadOnlySpan<int> Wanted => CollectionsMarshal.AsSpan(_wanted);

    /// <summary>The sequences.</summary>
    public ReadOnlySpan<Segment> Segments => CollectionsMarshal.AsSpan(_segments);

    /// <summary>The adapters of the rows.</summary>
    public RowAdapters Adapters { get; } = new();

    /// <summary>Whether keys are given for some row.</summary>
    public bool GivesKeys { get; private set; }

    /// <summary>Forgets the last run.</summary>
    public void Clear()
    {
        GivesKeys = false;
        _tokens.Clear();
        _positions.Clear();
        _across.Clear();
        _given.Clear();
        _wanted.Clear();
        _segments.Clear();
        _shared.Clear();
        _kept.Reset();
        Adapters.Clear();
    }

    /// <summary>Adds new tokens of a sequence. A sequence may be added once.</summary>
    /// <param name="state">The sequence; room for the tokens is reserved.</param>
    /// <param name="tokens">At least one token id.</param>
    /// <param name="wanted">How many of the last rows' outcomes are wanted.</param>
    /// <param name="adapters">The adapters that they go through; null for none.</param>
    /// <param name="inserts">Where in the sequence vectors are given; null for nowhere.</param>
    /// <exception cref="CapacityException">The cache is full; nothing has been added.</exception>
    public void Add(SequenceState state, ReadOnlySpan<int> tokens, int wanted, AdaptationSet? adapters = null, Inserts? inserts = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Length);
        state.Reserve(tokens.Length);
        if (inserts is { IsEmpty: true })
            inserts = null;
        _segments.Add(new Segment(state, Rows, tokens.Length) { Mutual = inserts?.Mutual(state.Length, tokens.Length) });
        foreach (Insert insert in inserts?.All ?? [])
        {
            int first = Math.Max(insert.Start, state.Length), end = Math.Min(insert.End, state.Length + tokens.Length);
            if (first >= end)
                continue;
            GivesKeys |= insert.Rows.Keys is not null;
            _given.Add((Rows + first - state.Length, end - first, insert.Rows, first - insert.Start));
        }

        Adapters.Add(adapters, tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
        {
            if (i >= tokens.Length - wanted)
                _wanted.Add(Rows);
            (int position, int height, int width) = inserts?.Position(state.Length + i) ?? (state.Length + i, state.Length + i, state.Length + i);
            _tokens.Add(tokens[i]);
            _positions.Add(position);
            _across.Add((height, width));
        }
    }

    /// <summary>Adds new tokens of a sequence that branch. Call <see cref="SequenceState.Keep"/> once the tree is done with.</summary>
    /// <param name="state">The sequence; room for the tokens is reserved.</param>
    /// <param name="tokens">Token ids: the last of the tree's. Those before them were added by the runs before this one.</param>
    /// <param name="tree">How they follow one another; it must not change before the run is over.</param>
    /// <param name="wanted">How many of the last rows' outcomes are wanted.</param>
    /// <param name="adapters">The adapters that they go through; null for none.</param>
    /// <param name="inserts">Where in the sequence vectors are given, before the tree; null for nowhere.</param>
    /// <exception cref="CapacityException">The cache is full; nothing has been added.</exception>
    /// <exception cref="NotSupportedException">The model keeps a recurrent state, which has no branches.</exception>
    public void Add(SequenceState state, ReadOnlySpan<int> tokens, TokenTree tree, int wanted, AdaptationSet? adapters = null, Inserts? inserts = null)
    {
        int before = tree.Count - tokens.Length;
        ArgumentOutOfRangeException.ThrowIfNegative(before, nameof(tokens));
        if (!state.AllRecurrent.IsEmpty)
            throw new NotSupportedException("This model keeps a recurrent state, which takes tokens one after the other; a tree needs attention only.");

        int first = Rows;
        Add(state, tokens, wanted, adapters, inserts);
        _segments[^1] = _segments[^1] with { Tree = tree };
        int start = _positions[first] - before;
        for (int i = 0; i < tokens.Length; i++)
        {
            int position = start + tree.Depth(before + i);
            (_positions[first + i], _across[first + i]) = (position, (position, position));
        }
    }

    /// <summary>Adds rows that are parts of a picture, whose vectors the caller has.</summary>
    /// <param name="state">What is kept of them while they run; room is reserved.</param>
    /// <param name="places">Where in the picture each lies.</param>
    /// <param name="stretches">Neighbouring rows that see one another where others are not seen; null for none.</param>
    /// <exception cref="CapacityException">The cache is full; nothing has been added.</exception>
    public void Add(SequenceState state, ReadOnlySpan<(int Height, int Width)> places, KeySpan[]? stretches)
    {
        state.Reserve(places.Length);
        _segments.Add(new Segment(state, Rows, places.Length) { Mutual = stretches });
        Adapters.Add(null, places.Length);
        for (int i = 0; i < places.Length; i++)
        {
            _tokens.Add(-1);
            _positions.Add(state.Length + i);
        }

        _across.AddRange(places);
    }

    /// <summary>A row's position on an axis: 0 of time, which alone counts for text, 1 of height, 2 of width; 3 has none.</summary>
    public int Position(int row, int axis) => axis switch
    {
        0 => _positions[row],
        1 => _across[row].Height,
        2 => _across[row].Width,
        _ => 0,
    };

    /// <summary>The vector given in place of a row's token; empty for none.</summary>
    public ReadOnlySpan<float> Given(int row)
    {
        foreach ((int first, int count, GivenRows rows, int at) in CollectionsMarshal.AsSpan(_given))
        {
            if (row >= first && row < first + count)
                return rows[at + row - first];
        }

        return [];
    }

    /// <summary>Adds to a layer's outcome what rows were given for it.</summary>
    /// <param name="layer">The layer's number.</param>
    /// <param name="x">Its outcome, shape [rows, features], in place.</param>
    public void Deepen(int layer, Matrix x)
    {
        foreach ((int first, int count, GivenRows rows, int at) in CollectionsMarshal.AsSpan(_given))
        {
            for (int i = 0; i < count && layer < rows.Deeper; i++)
                Lanes.Best(new AddScaled(rows.After(at + i, layer), 1, x[first + i]));
        }
    }

    /// <summary>Puts given keys and values in place of those computed, where there are some for a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="mixer">The number of the mixer.</param>
    /// <param name="k">Its keys of the row.</param>
    /// <param name="v">Its values.</param>
    public void PlaceKeys(int row, int mixer, Span<float> k, Span<float> v)
    {
        foreach ((int first, int count, GivenRows rows, int at) in CollectionsMarshal.AsSpan(_given))
        {
            if (row >= first && row < first + count)
                rows.Keys?.Place(mixer, at + row - first, k, v);
        }
    }

    /// <summary>Values that several layers of this run share, such as the angles of a rotation; made on first use.</summary>
    /// <param name="key">What they belong to.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="made">Whether they are made now; the caller must then fill them.</param>
    public Matrix Shared(object key, int rows, int columns, out bool made)
    {
        foreach ((object Key, Loan Rows) entry in _shared)
        {
            if (ReferenceEquals(entry.Key, key))
            {
                made = false;
                return entry.Rows.Matrix;
            }
        }

        made = true;
        Loan loan = _kept.Lend(rows, columns);
        _shared.Add((key, loan));
        return loan.Matrix;
    }

    /// <summary>Token vectors ready to meet weights.</summary>
    /// <param name="x">Shape [rows, features].</param>
    /// <param name="bytes">Whether some weight takes them in bytes.</param>
    public Activations Ready(Matrix x, bool bytes)
    {
        using OperationMark _ = OperationTrace.Of(Trace, "Round", x.Rows, x.Columns, x.Columns);
        return Activations.Of(x, bytes, Scratch, Team);
    }

    /// <summary>Neighbouring columns as a matrix of their own.</summary>
    /// <param name="x">Shape [rows, ≥ first + count].</param>
    /// <param name="first">The first column.</param>
    /// <param name="count">Columns.</param>
    public Matrix Columns(Matrix x, int first, int count)
    {
        Matrix y = Scratch.Rent(x.Rows, count);
        for (int row = 0; row < x.Rows; row++)
            x[row].Slice(first, count).CopyTo(y[row]);
        return y;
    }

    /// <summary>Counts the new tokens in every sequence: the run has written their states.</summary>
    public void Advance()
    {
        foreach (Segment segment in _segments)
            segment.State.Advance(segment.Count);
    }

    /// <summary>Frees the scratch memory.</summary>
    public void Dispose()
    {
        Scratch.Dispose();
        _kept.Dispose();
    }
}
