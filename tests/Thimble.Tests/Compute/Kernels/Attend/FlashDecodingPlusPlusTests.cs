using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;
using static Thimble.Tests.Compute.EveryLane;

namespace Thimble.Tests.Compute.Kernels.Attend;

public class FlashDecodingPlusPlusTests
{
    private const int Size = 32, Length = 1700;

    [Fact]
    public void Calibrated_softmax_is_exact_and_seldom_falls_back()
    {
        UnifiedLayer layer = Calibrated();
        using AttentionWorld world = World(1, layer);
        Close(world.Reference(1690, 10), world.RunBest(1690, 10), 2e-6);
        Close(world.Reference(1690, 10), world.RunSplit(1690, 10), 2e-6);
        Assert.Equal((40, 0), (layer.Rows, layer.Fallbacks));
    }

    [Theory]
    [InlineData(1e4f)]
    [InlineData(-1e4f)]
    [InlineData(60)]
    [InlineData(0)]
    public void Rows_beyond_the_range_are_computed_again(float loud)
    {
        UnifiedLayer layer = Calibrated();
        if (loud == 0)
            Array.Fill(layer.Ranges, UnifiedRange.Around(100));
        using AttentionWorld world = World(loud, layer), plain = World(loud, null);
        Assert.Equal(plain.RunBest(1690, 10), world.RunBest(1690, 10));
        Assert.Equal(plain.RunBest(1690, 10), world.RunSplit(1690, 10));
        Assert.True(layer.Fallbacks == 40);
    }

    [Fact]
    public void One_spike_falls_back_alone()
    {
        UnifiedLayer layer = Calibrated();
        layer.Ranges[1] = UnifiedRange.Around(500);
        using AttentionWorld world = World(1, layer), plain = World(1, null);
        Close(plain.Reference(1699, 1), world.RunBest(1699, 1), 2e-6);
        Assert.Equal((2, 1), (layer.Rows, layer.Fallbacks));
    }

    [Fact]
    public void A_row_has_the_same_bits_however_it_is_computed()
    {
        using AttentionWorld world = World(1, Calibrated());
        float[] all = world.RunBest(1600, 70);
        Assert.Equal(all.AsSpan(60 * world.RowFloats, world.RowFloats).ToArray(), world.RunBest(1660, 1));
        Assert.Equal(all, world.RunSplit(1600, 70));
    }

    [Fact]
    public void Chunks_may_be_summed_in_any_order()
    {
        using AttentionWorld world = World(1, Calibrated());
        float[] parts = world.Parts(1699, 1);
        float[] forth = Merged(parts, [0, 1, 2, 3]);
        foreach (int[] order in (int[][])[[3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]])
            Close(forth, Merged(parts, order), 2.4e-7);
        Close(world.RunBest(1699, 1).AsSpan(0, Size), forth, 2.4e-7);
    }

    [Fact]
    public void Calibration_takes_the_middle_of_the_gathered_peaks()
    {
        var layer = new UnifiedLayer(2, calibrating: true);
        for (int i = 0; i <= 100; i++)
            Assert.False(layer.Takes(1, 10 + (i * 0.1f)));
        layer.EndCalibration();
        Assert.InRange(layer.Ranges[1].Level, 14.5, 15.5);
        Assert.True(layer.Takes(1, 20));
        Assert.False(layer.Takes(1, 45));
        Assert.False(layer.Takes(1, float.NaN));
        Assert.False(layer.Takes(0, 0));
    }

    [Fact]
    public void Calibrating_gives_the_plain_outcome()
    {
        var softmax = new FlashDecodingPlusPlus();
        using AttentionWorld world = World(1, softmax.Layer(3, 2)), plain = World(1, null);
        Assert.Equal(plain.RunBest(1600, 90), world.RunBest(1600, 90));
        softmax.EndCalibration();
        Close(plain.RunBest(1600, 90), world.RunBest(1600, 90), 2e-6);
        Assert.Equal((180, 0), softmax.Counts);
    }

    private static UnifiedLayer Calibrated()
    {
        var layer = new UnifiedLayer(2, calibrating: true);
        using AttentionWorld world = World(1, layer);
        world.RunBest(1500, 100);
        layer.EndCalibration();
        return layer;
    }

    private static AttentionWorld World(float loud, UnifiedLayer? layer) =>
        new(Length, new AttentionRule(1), "F32", 2, Size, Size, loud) { Unified = layer };

    /// <summary>The first row's chunks, merged in an order.</summary>
    private static float[] Merged(float[] parts, int[] order)
    {
        var all = new PartialAttention(new float[Size]);
        foreach (int chunk in order)
        {
            Span<float> part = new AttentionParts(parts, 2, Size)[chunk, 0];
            all.Merge<V128>(new PartialAttention(part[AttentionParts.Heading..]) { Max = part[0], Sum = part[1] });
        }

        all.Finish<V128>();
        return all.Output.ToArray();
    }
}
