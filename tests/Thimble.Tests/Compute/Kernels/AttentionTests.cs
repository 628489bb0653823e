using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using static Thimble.Tests.Compute.EveryLane;

namespace Thimble.Tests.Compute.Kernels;

public class AttentionTests
{
    private const int Group = 2, Size = 24, ValueSize = 20;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(63, 0)]
    [InlineData(64, 0)]
    [InlineData(65, 0)]
    [InlineData(700, 0)]
    [InlineData(700, 100)]
    [InlineData(130, 16)]
    public void Attention_is_softmax_over_the_seen_keys(int length, int window)
    {
        var rule = new AttentionRule(0.2f, Window: window);
        Check(length, rule);
    }

    [Fact]
    public void Sinks_slopes_and_caps_are_their_formulas()
    {
        Check(200, new AttentionRule(0.3f, SoftCap: 5));
        Check(200, new AttentionRule(0.3f, Slopes: [0.5f, 0.25f]));
        Check(200, new AttentionRule(0.3f, Sinks: [1.5f, -2]));
        Check(200, new AttentionRule(0.3f, Causal: false));
        Check(200, new AttentionRule(0.3f, Window: 70) { Chunked = true });
    }

    [Fact]
    public void A_row_has_the_same_bits_alone_and_among_others()
    {
        using var world = new World(600, new AttentionRule(0.2f));
        float[] all = world.Run<V128>(590, 10, FloatCells);
        for (int i = 0; i < 10; i++)
            Assert.Equal(all.AsSpan(i * Group * ValueSize, Group * ValueSize).ToArray(), world.Run<V128>(590 + i, 1, FloatCells));
    }

    [Fact]
    public void Great_scores_stay_finite()
    {
        using var world = new World(100, new AttentionRule(1e4f));
        Assert.All(world.Run<Scalar>(99, 1, FloatCells), v => Assert.True(float.IsFinite(v)));
    }

    [Theory]
    [InlineData("F16", 1e-3)]
    [InlineData("BF16", 8e-3)]
    public void Narrow_caches_are_near(string cell, double tolerance)
    {
        using var exact = new World(300, new AttentionRule(0.2f));
        using var narrow = new World(300, new AttentionRule(0.2f), cell);
        Close(exact.Run<Scalar>(290, 10, FloatCells), narrow.RunBest(290, 10), tolerance);
    }

    private static void Check(int length, AttentionRule rule)
    {
        using var world = new World(length, rule);
        int first = Math.Max(0, length - 3), count = length - first;
        float[] expected = world.Reference(first, count);
        Close(expected, world.Run<Scalar>(first, count, FloatCells), 3e-6);
        if (V128.IsSupported)
            Close(expected, world.Run<V128>(first, count, FloatCells), 3e-6);
        if (V256.IsSupported)
            Close(expected, world.Run<V256>(first, count, FloatCells), 3e-6);
        if (V512.IsSupported)
            Close(expected, world.Run<V512>(first, count, FloatCells), 3e-6);
    }

    private static Attention<PlainCells<FloatCell>, OnlineSoftmax> FloatCells(AttentionHead head) => new(head);

    private delegate TKernel Making<TKernel>(AttentionHead head)
        where TKernel : IKernel, allows ref struct;

    /// <summary>Random queries, keys and values of one layer with one key-value head.</summary>
    private sealed class World : IDisposable
    {
        private readonly KeyValueStore _store;
        private readonly float[] _queries, _keys, _values;
        private readonly int[] _pages;
        private readonly int _length;
        private readonly AttentionRule _rule;

        public World(int length, AttentionRule rule, string cell = "F32")
        {
            (_length, _rule) = (length, rule);
            _store = new KeyValueStore([new HeadShape(1, Size, ValueSize)], CellFormat.Named(cell));
            _queries = Random(length * Group * Size, 1);
            _keys = Random(length * Size, 2);
            _values = Random(length * ValueSize, 3);
            _pages = [.. Enumerable.Range(0, (length + 63) / 64).Select(_ => _store.Add()).Reverse()];
            for (int i = 0; i < length; i++)
                _store.Write(_pages[i / 64], i % 64, 0, _keys.AsSpan(i * Size, Size), _values.AsSpan(i * ValueSize, ValueSize));
        }

        public float[] Run<TLane>(int first, int count, Making<Attention<PlainCells<FloatCell>, OnlineSoftmax>> make)
            where TLane : unmanaged, ILane<TLane>
        {
            float[] y = new float[count * Group * ValueSize];
            make(Head(first, count, y)).Run<TLane>();
            return y;
        }

        public float[] RunBest(int first, int count)
        {
            float[] y = new float[count * Group * ValueSize];
            _store.Cell.Attend(Head(first, count, y));
            return y;
        }

        public float[] Reference(int first, int count)
        {
            List<float> y = [];
            for (int position = first; position < first + count; position++)
            {
                for (int member = 0; member < Group; member++)
                    y.AddRange(Row(position, member));
            }

            return [.. y];
        }

        public void Dispose() => _store.Dispose();

        private IEnumerable<float> Row(int position, int member)
        {
            int end = _rule.Causal ? position + 1 : _length, from = _rule.Window == 0 ? 0 : position + 1 - _rule.Window;
            from = _rule.Chunked ? position / _rule.Window * _rule.Window : Math.Max(0, from);
            double[] scores = [.. Enumerable.Range(from, end - from).Select(key => Score(position, member, key))];
            double sink = _rule.Sinks is { } sinks ? Math.Exp(sinks[member] - scores.Max()) : 0;
            double[] weights = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
            for (int i = 0; i < ValueSize; i++)
                yield return (float)(weights.Select((w, key) => w * _values[((from + key) * ValueSize) + i]).Sum() / (weights.Sum() + sink));
        }

        private double Score(int position, int member, int key)
        {
            double score = 0;
            for (int i = 0; i < Size; i++)
                score += (double)_queries[(((position * Group) + member) * Size) + i] * _keys[(key * Size) + i];
            score *= _rule.Scale;
            if (_rule.SoftCap != 0)
                score = _rule.SoftCap * Math.Tanh(score / _rule.SoftCap);
            return score - ((_rule.Slopes?[member] ?? 0) * Math.Abs(position - key));
        }

        private AttentionHead Head(int first, int count, float[] y) => new()
        {
            Store = _store,
            Layer = 0,
            Head = 0,
            Pages = _pages,
            Queries = new Matrix(_queries, Group * Size).Part(first, count),
            QueryColumn = 0,
            Output = new Matrix(y, Group * ValueSize),
            OutputColumn = 0,
            Group = Group,
            QueryHead = 0,
            Position = first,
            Length = _length,
            Rule = _rule,
        };
    }
}
