using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using static Thimble.Tests.Compute.EveryLane;

namespace Thimble.Tests.Compute.Kernels.Attend;

public class AttentionTests
{
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
    public void Windows_around_a_query_and_biases_by_distance_are_their_formulas()
    {
        float[] biases = [.. Enumerable.Range(0, 2 * 61).Select(i => MathF.Sin(i))];
        AttentionRule[] rules =
        [
            new(0.3f, Causal: false, Window: 70) { Around = true }, new(0.3f, Causal: false, Window: 9, Slopes: [0.1f, 0.2f]) { Around = true },
            new(0.3f, Causal: false) { Distances = new(biases, 30) }, new(1) { Distances = new(biases, 30) },
        ];
        foreach (AttentionRule rule in rules)
        {
            using var world = new AttentionWorld(300, rule);
            foreach (int first in (int[])[0, 120, 290])
                OnEvery(world, world.Reference(first, 10), first, 10);
        }
    }

    [Theory]
    [InlineData(1, 64, 64)]
    [InlineData(3, 96, 40)]
    [InlineData(7, 80, 80)]
    [InlineData(4, 33, 131)]
    public void Every_shape_of_tile_is_right(int group, int size, int valueSize)
    {
        using var world = new AttentionWorld(150, new AttentionRule(0.2f), group: group, size: size, valueSize: valueSize);
        OnEvery(world, world.Reference(140, 10), 140, 10);
    }

    [Theory]
    [InlineData("F32", 1)]
    [InlineData("F16", 1)]
    [InlineData("F16", 3)]
    [InlineData("BF16", 2)]
    [InlineData("Q8_0", 7)]
    [InlineData("Q4_0", 2)]
    public void A_row_has_the_same_bits_alone_and_among_others(string cell, int group)
    {
        AttentionRule[] rules = [new(0.2f), new(0.2f, Window: 90), new(0.2f, Window: 70) { Chunked = true }, new(0.2f, SoftCap: 5, Sinks: [.. new float[group]])];
        foreach (AttentionRule rule in rules)
        {
            using var world = new AttentionWorld(600, rule, cell, group, 64, 32);
            float[] all = world.RunBest(570, 30);
            for (int i = 0; i < 30; i++)
                Assert.Equal(all.AsSpan(i * world.RowFloats, world.RowFloats).ToArray(), world.RunBest(570 + i, 1));
            Assert.Equal(all.AsSpan(world.RowFloats * 7, world.RowFloats * 9).ToArray(), world.RunBest(577, 9));
        }
    }

    [Theory]
    [InlineData("F16", 0)]
    [InlineData("F32", 700)]
    public void Keys_split_into_chunks_give_the_same_bits(string cell, int window)
    {
        using var world = new AttentionWorld(1700, new AttentionRule(0.2f, Window: window, Sinks: [1, 2]), cell);
        Assert.Equal(world.RunBest(1699, 1), world.RunSplit(1699, 1));
        Assert.Equal(world.RunBest(1690, 10), world.RunSplit(1690, 10));
        Assert.Equal(world.RunBest(1020, 10), world.RunSplit(1020, 10));
    }

    [Fact]
    public void Great_scores_stay_finite()
    {
        using var world = new AttentionWorld(100, new AttentionRule(1e4f));
        Assert.All(world.RunBest(99, 1), v => Assert.True(float.IsFinite(v)));
    }

    [Theory]
    [InlineData("F16", 1e-3)]
    [InlineData("BF16", 8e-3)]
    [InlineData("Q8_0", 1e-2)]
    [InlineData("Q4_0", 0.15)]
    public void Narrow_caches_are_near(string cell, double tolerance)
    {
        using var exact = new AttentionWorld(300, new AttentionRule(0.2f), size: 32, valueSize: 64);
        using var narrow = new AttentionWorld(300, new AttentionRule(0.2f), cell, size: 32, valueSize: 64);
        Close(exact.RunBest(290, 10), narrow.RunBest(290, 10), tolerance);
    }

    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    [InlineData("Q8_0")]
    [InlineData("Q4_0")]
    public void Cells_are_attended_as_they_are_stored(string cell)
    {
        using AttentionWorld world = new AttentionWorld(200, new AttentionRule(0.2f), cell, 2, 64, 96).AsStored();
        Close(world.Reference(195, 5), world.RunBest(195, 5), 3e-6);
        Close(world.Reference(199, 1), world.RunBest(199, 1), 3e-6);
    }

    [Fact]
    public void Tokens_of_a_tree_see_their_ancestors()
    {
        int[] parents = [.. Enumerable.Range(0, 140).Select(i => i == 0 ? -1 : Math.Max(-1, ((i * 7) % i) - (i % 3)))];
        AttentionRule[] rules = [new(0.3f), new(0.3f, Window: 40), new(0.3f, Slopes: [0.1f, 0.2f]), new(0.3f, Window: 50) { Chunked = true }];
        foreach (AttentionRule rule in rules)
        {
            using var world = new AttentionWorld(240, rule) { Tree = new TokenTree(parents) };
            OnEvery(world, world.Reference(100, 140), 100, 140);
            Assert.Equal(world.RunBest(100, 140).AsSpan(90 * world.RowFloats, world.RowFloats).ToArray(), world.RunBest(190, 1));
            Assert.Equal(world.RunBest(100, 140), world.RunSplit(100, 140));
        }
    }

    private static void Check(int length, AttentionRule rule)
    {
        using var world = new AttentionWorld(length, rule);
        int first = Math.Max(0, length - 3), count = length - first;
        OnEvery(world, world.Reference(first, count), first, count);
    }

    private static void OnEvery(AttentionWorld world, float[] expected, int first, int count)
    {
        Close(expected, world.Run<Scalar, PlainCells<FloatCell>>(first, count), 3e-6);
        if (V128.IsSupported)
            Close(expected, world.Run<V128, PlainCells<FloatCell>>(first, count), 3e-6);
        if (V256.IsSupported)
            Close(expected, world.Run<V256, PlainCells<FloatCell>>(first, count), 3e-6);
        if (V512.IsSupported)
            Close(expected, world.Run<V512, PlainCells<FloatCell>>(first, count), 3e-6);
    }
}
