using Thimble.Compute.Formats;

namespace Thimble.Tests.Compute.Formats;

/// <summary>What holds for every format: a new one is tested by being there.</summary>
public class BlockFormatTests
{
    public static TheoryData<string> All => [.. BlockFormats.All.Select(format => format.Name)];

    public static TheoryData<string> Blocks => [.. BlockFormats.All.Where(format => format.Group > 0).Select(format => format.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public void Random_values_come_back_as_near_as_the_bits_allow(string name)
    {
        BlockFormat format = BlockFormats.Named(name);
        float[] values = Gaussian(1024, scale: 30);

        double error = GgmlBlocks.Error(values, GgmlBlocks.RoundTrip(format, values, []), []);

        Assert.InRange(error, 0, Math.Max(Math.Pow(2, 1 - (1.3 * format.BitsPerWeight)), 1e-4));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Values_of_the_format_come_back_nearly_the_same(string name)
    {
        BlockFormat format = BlockFormats.Named(name);
        float[] once = GgmlBlocks.RoundTrip(format, Gaussian(1024, scale: 30), []);

        float[] twice = GgmlBlocks.RoundTrip(format, once, []);

        Assert.InRange(GgmlBlocks.Error(once, twice, []), 0, Math.Pow(2, -1.3 * format.BitsPerWeight) / 4);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Encoding_twice_gives_the_same_bytes(string name)
    {
        BlockFormat format = BlockFormats.Named(name);
        byte[] first = new byte[format.RowBytes(1024)], second = new byte[first.Length];
        second.AsSpan().Fill(0xA5);

        format.Encode(Gaussian(1024, scale: 1), [], first);
        format.Encode(Gaussian(1024, scale: 1), [], second);

        Assert.Equal(first, second);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Zeros_stay_zeros(string name) =>
        Assert.All(GgmlBlocks.RoundTrip(BlockFormats.Named(name), new float[256], []), value => Assert.Equal(0, value));

    [Theory]
    [MemberData(nameof(All))]
    public void Extreme_values_stay_finite_and_in_their_range(string name)
    {
        BlockFormat format = BlockFormats.Named(name);
        foreach (float[] values in Extremes())
        {
            float largest = values.Max(MathF.Abs);
            float[] decoded = GgmlBlocks.RoundTrip(format, values, []);

            // Even the coarsest scale reaches no further than a few times the largest value; 1e-6 is the least half scale.
            Assert.All(decoded, value => Assert.InRange(MathF.Abs(value), 0, (largest * 2.1f) + 1e-6f));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_largest_values_stay_finite(string name)
    {
        BlockFormat format = BlockFormats.Named(name);
        float[] values = Filled(i => i % 2 == 0 ? format.Largest : -format.Largest);

        // A signed top level more on one side, or values off the lattice, may cost most of one.
        Assert.All(GgmlBlocks.RoundTrip(format, values, []), value => Assert.InRange(MathF.Abs(value / format.Largest), 0.2f, 1.6f));
    }

    [Theory]
    [InlineData("TQ1_0")]
    [InlineData("TQ2_0")]
    [InlineData("Q2_0")]
    public void Ternary_weights_come_back_exactly(string name)
    {
        var random = new Random(5);
        float[] values = Filled(_ => 0.0625f * random.Next(-1, 2));

        Assert.Equal(values, GgmlBlocks.RoundTrip(BlockFormats.Named(name), values, []));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Importance_of_zero_is_no_fault(string name)
    {
        BlockFormat format = BlockFormats.Named(name);
        float[] values = Gaussian(256, scale: 30);

        Assert.All(GgmlBlocks.RoundTrip(format, values, new float[256]), value => Assert.True(float.IsFinite(value)));
        float[] some = [.. Enumerable.Range(0, 256).Select(i => i % 3 == 0 ? 1e6f : 0)];
        Assert.All(GgmlBlocks.RoundTrip(format, values, some), value => Assert.True(float.IsFinite(value)));
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Whole_numbers_under_scales_are_the_values(string name)
    {
        BlockFormat format = BlockFormats.Named(name);
        byte[] blocks = new byte[format.RowBytes(1024)];
        format.Encode(Gaussian(1024, scale: 1), [], blocks);
        float[] values = new float[1024], scales = new float[1024 / format.Group], offsets = new float[scales.Length];
        sbyte[] quants = new sbyte[1024];

        format.Decode(blocks, values);
        format.Unpack(blocks, quants, scales, offsets);

        Assert.DoesNotContain(sbyte.MinValue, quants);
        for (int i = 0; i < values.Length; i++)
        {
            double value = ((double)scales[i / format.Group] * quants[i]) + offsets[i / format.Group];
            Assert.InRange(values[i], value - (1e-6 * Math.Abs(value)) - 1e-7, value + (1e-6 * Math.Abs(value)) + 1e-7);
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Any_bytes_decode_to_something(string name)
    {
        BlockFormat format = BlockFormats.Named(name);
        byte[] blocks = new byte[format.RowBytes(65536)];
        new Random(11).NextBytes(blocks);
        float[] scales = new float[65536 / format.Group];

        format.Decode(blocks, new float[65536]);
        format.Unpack(blocks, new sbyte[65536], scales, format.HasOffset ? new float[scales.Length] : []);
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_ragged_row_is_refused(string name)
    {
        var ragged = Assert.Throws<ArgumentException>(() => BlockFormats.Named(name).RowBytes(1000));
        Assert.Contains($"{name} blocks", ragged.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_is_no_number_is_refused_by_name(string name)
    {
        BlockFormat format = BlockFormats.Named(name);
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            float[] values = new float[256];
            values[77] = bad;
            var refused = Assert.Throws<InvalidDataException>(() => GgmlBlocks.RoundTrip(format, values, []));
            Assert.Contains($"stored as {name} is {bad}", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_value_beyond_the_scale_is_refused_by_name()
    {
        float[] values = new float[32];
        values[5] = 1e30f;
        var refused = Assert.Throws<InvalidDataException>(() => GgmlBlocks.RoundTrip(BlockFormats.Named("Q4_0"), values, []));
        Assert.Contains("65504", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Spans_of_other_lengths_are_refused()
    {
        BlockFormat format = BlockFormats.Named("Q4_0");
        Assert.Throws<ArgumentException>(() => format.Decode(new byte[18], new float[64]));
        Assert.Throws<ArgumentException>(() => format.Encode(new float[64], [], new byte[18]));
        Assert.Throws<ArgumentException>(() => format.Encode(new float[32], new float[31], new byte[18]));
        Assert.Throws<InvalidDataException>(() => format.Encode(new float[32], Gaussian(32, scale: 1), new byte[18]));
    }

    [Fact]
    public void An_unknown_name_lists_the_known_ones()
    {
        var unknown = Assert.Throws<NotSupportedException>(() => BlockFormats.Named("Q9_9"));
        Assert.Contains("Q4_0", unknown.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => BlockFormats.Named("F32").Unpack([], [], [], []));
    }

    private static IEnumerable<float[]> Extremes()
    {
        yield return Filled(i => i == 100 ? 90 : 0);
        yield return Filled(i => i == 100 ? -90 : 0.01f);
        yield return Filled(_ => 1e-40f);
        yield return Filled(i => i == 3 ? 1e-7f : 1e-45f);
        yield return Filled(i => i % 2 == 0 ? 25 : -25);
        yield return Filled(_ => 77);
        yield return Filled(_ => -77);
        yield return Filled(i => 100 + (i * 1e-5f));
    }

    private static float[] Filled(Func<int, float> value) => [.. Enumerable.Range(0, 256).Select(value)];

    private static float[] Gaussian(int count, float scale)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ => scale * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
