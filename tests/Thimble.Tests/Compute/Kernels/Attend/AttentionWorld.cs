using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using static Thimble.Tests.Compute.EveryLane;

namespace Thimble.Tests.Compute.Kernels.Attend;

/// <summary>Random queries, keys and values of one layer with one key-value head, and attention over them in doubles.</summary>
internal sealed class AttentionWorld : IDisposable
{
    private readonly KeyValueStore _store;
    private readonly float[] _queries, _keys, _values;
    private readonly int[] _pages;
    private readonly int _length, _group, _size, _valueSize;
    private readonly AttentionRule _rule;

    public AttentionWorld(int length, AttentionRule rule, string cell = "F32", int group = 2, int size = 24, int valueSize = 20, float loud = 1)
    {
        (_length, _rule, _group, _size, _valueSize) = (length, rule, group, size, valueSize);
        _store = new KeyValueStore([new HeadShape(1, size, valueSize)], CellFormat.Named(cell));
        _queries = Random(length * group * size, 1, loud);
        _keys = Random(length * size, 2);
        _values = Random(length * valueSize, 3);
        _pages = [.. Enumerable.Range(0, (length + 63) / 64).Select(_ => _store.Add()).Reverse()];
        for (int i = 0; i < length; i++)
            _store.Write(_pages[i / 64], i % 64, 0, _keys.AsSpan(i * size, size), _values.AsSpan(i * valueSize, valueSize));
    }

    /// <summary>A tree of the last tokens, and the calibrated ranges, if any.</summary>
    public TokenTree? Tree { get; init; }

    public UnifiedLayer? Unified { get; init; }

    public int RowFloats => _group * _valueSize;

    /// <summary>The stored keys and values take the place of those that were written.</summary>
    public AttentionWorld AsStored()
    {
        float[] page = new float[64 * Math.Max(_size, _valueSize)];
        for (int i = 0; i < _pages.Length; i++)
        {
            int tokens = Math.Min(64, _length - (64 * i));
            _store.Cell.Widen(_store.Keys(_pages[i], 0, 0), _size, keys: true, page);
            for (int at = 0; at < tokens * _size; at++)
                _keys[(64 * i * _size) + at] = page[(at % _size * 64) + (at / _size)];
            _store.Cell.Widen(_store.Values(_pages[i], 0, 0), _valueSize, keys: false, page);
            page.AsSpan(0, tokens * _valueSize).CopyTo(_values.AsSpan(64 * i * _valueSize));
        }

        return this;
    }

    public float[] Run<TLane, TCells>(int first, int count)
        where TLane : unmanaged, ILane<TLane>
        where TCells : struct, ICells
    {
        float[] y = new float[count * RowFloats];
        new Attention<TCells, OnlineSoftmax>(Head(first, count, y)).Run<TLane>();
        return y;
    }

    public float[] RunBest(int first, int count)
    {
        float[] y = new float[count * RowFloats];
        _store.Cell.Attend(Head(first, count, y));
        return y;
    }

    /// <summary>Chunk by chunk, each by itself, then joined.</summary>
    public float[] RunSplit(int first, int count)
    {
        float[] y = new float[count * RowFloats], parts = Parts(first, count);
        _store.Cell.Join(Head(first, count, y) with { Parts = new(parts, count * _group, _valueSize), EndChunk = AttentionChunks.Count(first + count) });
        return y;
    }

    /// <summary>The parts of every chunk and row, computed last chunk first.</summary>
    public float[] Parts(int first, int count)
    {
        int chunks = AttentionChunks.Count(first + count);
        float[] parts = new float[chunks * count * _group * (AttentionParts.Heading + _valueSize)];
        for (int chunk = chunks - 1; chunk >= 0; chunk--)
        {
            _store.Cell.Attend(Head(first, count, new float[count * RowFloats]) with
            {
                Parts = new(parts, count * _group, _valueSize),
                FirstChunk = chunk,
                EndChunk = chunk + 1,
            });
        }

        return parts;
    }

    public float[] Reference(int first, int count)
    {
        List<float> y = [];
        for (int slot = first; slot < first + count; slot++)
        {
            for (int member = 0; member < _group; member++)
                y.AddRange(Row(slot, member));
        }

        return [.. y];
    }

    public void Dispose() => _store.Dispose();

    private int TreeStart => _length - (Tree?.Count ?? 0);

    private int Position(int slot) => slot < TreeStart ? slot : TreeStart + Tree!.Depth(slot - TreeStart);

    private bool Sees(int slot, int key)
    {
        int position = Position(slot), at = Position(key);
        int from = _rule.Window == 0 ? 0 : _rule.Chunked ? position / _rule.Window * _rule.Window : position + 1 - _rule.Window;
        bool branch = key < TreeStart || Tree!.Sees(slot - TreeStart, key - TreeStart);
        if (_rule.Around)
            return _rule.Window == 0 || Math.Abs(at - position) <= _rule.Window / 2;
        return at >= from && branch && (key <= slot || !_rule.Causal);
    }

    private IEnumerable<float> Row(int slot, int member)
    {
        int[] seen = [.. Enumerable.Range(0, _length).Where(key => Sees(slot, key))];
        double[] scores = [.. seen.Select(key => Score(slot, member, key))];
        double sink = _rule.Sinks is { } sinks ? Math.Exp(sinks[member] - scores.Max()) : 0;
        double[] weights = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
        for (int i = 0; i < _valueSize; i++)
            yield return (float)(weights.Select((w, at) => w * _values[(seen[at] * _valueSize) + i]).Sum() / (weights.Sum() + sink));
    }

    private double Score(int slot, int member, int key)
    {
        double score = 0;
        for (int i = 0; i < _size; i++)
            score += (double)_queries[(((slot * _group) + member) * _size) + i] * _keys[(key * _size) + i];
        score *= _rule.Scale;
        if (_rule.SoftCap != 0)
            score = _rule.SoftCap * Math.Tanh(score / _rule.SoftCap);
        if (_rule.Distances is { } bias)
            score += bias.Values[(member * ((2 * bias.Reach) + 1)) + bias.Reach + Math.Min(bias.Reach, Math.Max(-bias.Reach, Position(key) - Position(slot)))];
        return score - ((_rule.Slopes?[member] ?? 0) * Math.Abs(Position(slot) - Position(key)));
    }

    private AttentionHead Head(int first, int count, float[] y) => new()
    {
        Store = _store,
        Layer = 0,
        Head = 0,
        Pages = _pages,
        Queries = new Matrix(_queries, _group * _size).Part(first, count),
        QueryColumn = 0,
        Output = new Matrix(y, RowFloats),
        OutputColumn = 0,
        Group = _group,
        QueryHead = 0,
        Position = first,
        Length = _length,
        Rule = _rule,
        Tree = Tree,
        TreeStart = TreeStart,
        Unified = Unified,
    };
}
