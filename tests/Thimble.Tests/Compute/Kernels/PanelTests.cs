using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Tests.Compute.Kernels;

public class PanelTests
{
    private static readonly string[] s_formats =
        ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4", "TQ1_0", "TQ2_0"];

    public static TheoryData<string> Formats => [.. s_formats];

    [Theory, MemberData(nameof(Formats))]
    public void Packed_products_are_those_of_the_stored_rows(string format)
    {
        foreach ((int rows, int columns, int tokens) in ((int, int, int)[])[(16, 256, 1), (48, 512, 3), (37, 768, 1), (5, 256, 130), (33, 1280, 65)])
            Check(format, rows, columns, tokens, EveryLane.Random(rows * columns, rows), EveryLane.Random(tokens * columns, tokens, 3));
    }

    [Theory, MemberData(nameof(Formats))]
    public void Extreme_numbers_do_not_overflow(string format)
    {
        // The greatest numbers of every format against the greatest bytes, all signs alike and alternating.
        foreach (int period in (int[])[1, 2, 3, 64])
        {
            float[] weights = [.. Enumerable.Range(0, 32 * 512).Select(i => (i / period % 2 == 0 ? 1f : -1) * (i % 37 == 0 ? 0.9f : 1))];
            float[] x = [.. Enumerable.Range(0, 2 * 512).Select(i => i / period % 2 == 0 ? 100f : -100)];
            Check(format, 32, 512, 2, weights, x);
            Check(format, 32, 512, 2, [.. weights.Select(Math.Abs)], x);
            Check(format, 32, 512, 2, [.. weights.Select(w => -Math.Abs(w))], [.. x.Select(Math.Abs)]);
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void A_product_has_the_same_bits_alone_among_others_and_at_any_number_of_threads(string format)
    {
        const int rows = 70, columns = 512, tokens = 67;
        float[] x = EveryLane.Random(tokens * columns, 9);
        using Allocation stored = Stored(format, rows, columns, EveryLane.Random(rows * columns, 8));
        float[] whole = Product(stored, format, rows, columns, x, threads: 1);
        Assert.Equal(whole, Product(stored, format, rows, columns, x, threads: 3));
        for (int token = 0; token < tokens; token += 13)
            Assert.Equal(whole[(token * rows)..((token + 1) * rows)], Product(stored, format, rows, columns, x[(token * columns)..((token + 1) * columns)], threads: 2));
    }

    [Theory, MemberData(nameof(Formats))]
    public void Every_way_to_meet_several_tokens_gives_the_same_bits(string format)
    {
        if (!V256.IsSupported)
            return;
        const int rows = 38, columns = 512;
        using Allocation stored = Stored(format, rows, columns, EveryLane.Random(rows * columns, 4));
        using var team = new Team(1);
        using var scratch = new Arena();
        using var weight = new Weight("w", BlockFormats.Named(format), rows, columns, stored.Region, new(Precision.Bytes, team));
        var panels = (PanelMultiplier)weight.Multiplier;
        foreach (int tokens in (int[])[1, 2, 3, 4, 5, 7, 8, 64, 66])
        {
            var x = Activations.Of(new Matrix(EveryLane.Random(tokens * columns, tokens), columns), true, scratch, team);
            float[][] products = [.. Enum.GetValues<PanelWay>().Select(_ => new float[tokens * rows])];
            foreach (PanelWay way in Enum.GetValues<PanelWay>())
                panels.Multiply(in x, new Matrix(products[(int)way], rows), 0, 0, panels.Panels, way);
            Assert.All(products, product => Assert.Equal(products[0], product));
        }
    }

    [Fact]
    public void Every_listed_format_is_packed_where_registers_are_wide()
    {
        if (!V256.IsSupported)
            return;
        using var team = new Team(1);
        foreach (string format in s_formats)
        {
            using Allocation stored = Stored(format, 16, 256, EveryLane.Random(16 * 256, 1));
            using var weight = new Weight("w", BlockFormats.Named(format), 16, 256, stored.Region, new(Precision.Bytes));
            using Multiplier? packed = Multipliers.Offered(weight, team);
            Assert.IsType<PanelMultiplier>(packed);
        }
    }

    private static void Check(string format, int rows, int columns, int tokens, float[] weights, float[] x)
    {
        using Allocation stored = Stored(format, rows, columns, weights);
        float[] got = Product(stored, format, rows, columns, x, threads: 2);
        (double[] expected, double scale) = Reference(stored, format, rows, columns, tokens, x);
        for (int i = 0; i < got.Length; i++)
            Assert.InRange(Math.Abs(got[i] - expected[i]) / scale, 0, 3e-6);
    }

    internal static Allocation Stored(string format, int rows, int columns, float[] weights)
    {
        BlockFormat known = BlockFormats.Named(format);
        var stored = new Allocation(rows * known.RowBytes(columns));
        known.Encode(weights, [], stored.Slice(0, (int)stored.Length));
        return stored;
    }

    private static float[] Product(Allocation stored, string format, int rows, int columns, float[] x, int threads)
    {
        using var team = new Team(threads);
        using var scratch = new Arena();
        using var weight = new Weight("w", BlockFormats.Named(format), rows, columns, stored.Region, new(Precision.Bytes, team));
        float[] y = new float[x.Length / columns * rows];
        weight.Multiply(Activations.Of(new Matrix(x, columns), true, scratch, team), new Matrix(y, rows), team);
        return y;
    }

    /// <summary>Decoded weights times rounded tokens, in double precision, and the greatest sum of magnitudes.</summary>
    internal static (double[] Products, double Scale) Reference(Allocation stored, string format, int rows, int columns, int tokens, float[] x)
    {
        using var team = new Team(1);
        using var scratch = new Arena();
        var rounded = Activations.Of(new Matrix(x, columns), true, scratch, team);
        float[] values = new float[rows * columns];
        BlockFormats.Named(format).Decode(stored.Slice(0, (int)stored.Length), values);
        double[] y = new double[tokens * rows], magnitudes = new double[tokens * rows];
        for (int token = 0; token < tokens; token++)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int i = 0; i < columns; i++)
                {
                    int at = (i / 32 * tokens) + token;
                    double term = (double)values[(row * columns) + i] * rounded.Quants[(at * 32) + (i % 32)] * rounded.Scales[at];
                    y[(token * rows) + row] += term;
                    magnitudes[(token * rows) + row] += Math.Abs(term);
                }
            }
        }

        return (y, magnitudes.Max() + 1e-20);
    }
}
