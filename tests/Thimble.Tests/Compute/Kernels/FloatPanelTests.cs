using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Tests.Compute.Kernels;

/// <summary>Products of 16- and 32-bit floats, packed and as stored, against double precision.</summary>
public class FloatPanelTests
{
    private static readonly (int Rows, int Columns, int Tokens)[] s_shapes =
        [(32, 64, 1), (70, 512, 3), (8, 33, 9), (37, 300, 16), (129, 257, 7), (33, 1, 2), (65, 777, 1), (40, 64, 300)];

    public static TheoryData<string, bool> Ways => new()
    {
        { "F16", true }, { "BF16", true }, { "F32", true }, { "F16", false }, { "BF16", false }, { "F32", false },
    };

    public static TheoryData<string> Formats => ["F16", "BF16", "F32"];

    [Theory, MemberData(nameof(Ways))]
    public void Products_are_those_of_the_stored_rows(string format, bool packed)
    {
        foreach ((int rows, int columns, int tokens) in s_shapes)
            Check(format, packed, rows, columns, tokens, EveryLane.Random(rows * columns, rows), EveryLane.Random(tokens * columns, tokens, 3));
    }

    [Theory, MemberData(nameof(Ways))]
    public void Extreme_numbers_keep_their_values(string format, bool packed)
    {
        // Each row stands alone, so that a great number elsewhere does not hide a wrong small one.
        float[] extremes =
            [65504, -65504, 6e-8f, -6e-8f, 6.1e-5f, -6.0976e-5f, 127.9375f, 128, -0f, 0, 1, -1.0009765625f, 5.96e-8f, 3.05e-5f, 1e-7f, 2e-6f];
        foreach (float by in (float[])[1, 1e-3f, 1 / 512f])
        {
            float[] weights = new float[40 * 64];
            for (int i = 0; i < weights.Length; i++)
                weights[i] = i / 64 % 16 == i % 16 || by < 1 ? by * extremes[i / 64 % 16] : 0;
            foreach (float size in (float[])[1, 1e30f, 1e-25f])
                Check(format, packed, 40, 64, 9, weights, EveryLane.Random(9 * 64, 5, size), each: true);
        }
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_product_has_the_same_bits_in_any_company_and_at_any_number_of_threads(string format, bool packed)
    {
        const int rows = 83, columns = 552, tokens = 512;
        float[] x = EveryLane.Random(tokens * columns, 9);
        using Allocation stored = PanelTests.Stored(format, rows, columns, EveryLane.Random(rows * columns, 8));
        float[] whole = Product(stored, format, packed, rows, columns, x, threads: 1);
        Assert.Equal(whole, Product(stored, format, packed, rows, columns, x, threads: 3));
        foreach ((int first, int count) in ((int, int)[])[(0, 1), (77, 1), (5, 2), (13, 7), (300, 16), (479, 33), (255, 3), (508, 4)])
        {
            float[] part = Product(stored, format, packed, rows, columns, x[(first * columns)..((first + count) * columns)], threads: 2);
            Assert.Equal(whole[(first * rows)..((first + count) * rows)], part);
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void Every_register_multiplies_panels_alike(string format)
    {
        const int rows = 101, columns = 515;
        foreach (int tokens in (int[])[1, 4, 11, 50])
        {
            float[] x = EveryLane.Random(tokens * columns, 2);
            using Allocation stored = PanelTests.Stored(format, rows, columns, EveryLane.Random(rows * columns, 3));
            (double[] expected, double[] sizes) = Reference(stored, format, rows, columns, tokens, x);
            List<float[]> outcomes = format switch
            {
                "F16" => Outcomes<HalfPairs>(stored, format, rows, columns, x),
                "BF16" => Outcomes<BrainPairs>(stored, format, rows, columns, x),
                _ => Outcomes<WideFloats>(stored, format, rows, columns, x),
            };
            foreach (float[] outcome in outcomes)
                Compare(expected, sizes, outcome);
        }
    }

    [Fact]
    public void Packed_halves_are_the_stored_ones_for_every_half()
    {
        // 65,536 halves in 32 rows: some panels then hold numbers that the raised exponent has no code for.
        foreach (int largest in (int[])[0x7C00, 0x5800])
        {
            using var stored = new Allocation(2 * 32 * 2048);
            for (int i = 0; i < 65536; i++)
                BitConverter.TryWriteBytes(stored.Slice(2 * i, 2), (ushort)((i & 0x7FFF) < largest ? i : i & 0x8000));
            Assert.Equal(largest == 0x5800 ? MathF.ScaleB(1, 102) : MathF.ScaleB(1, 112), Unpacked(stored, out float[] values));
            for (int i = 0; i < 65536; i++)
            {
                float expected = HalfFloat.Widen(BitConverter.ToUInt16(stored.Slice(2 * i, 2)));
                Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(values[i]));
            }
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void Floats_are_packed_whatever_their_columns(string format)
    {
        using var team = new Team(1);
        using Allocation stored = PanelTests.Stored(format, 16, 37, EveryLane.Random(16 * 37, 1));
        using var weight = new Weight("w", BlockFormats.Named(format), 16, 37, stored.Region, new(Precision.Bytes, team));
        Assert.False(weight.TakesBytes);
        Assert.IsNotType<FloatMultiplier>(weight.Multiplier);
    }

    private static void Check(string format, bool packed, int rows, int columns, int tokens, float[] weights, float[] x, bool each = false)
    {
        using Allocation stored = PanelTests.Stored(format, rows, columns, weights);
        float[] got = Product(stored, format, packed, rows, columns, x, threads: 2);
        (double[] expected, double[] sizes) = Reference(stored, format, rows, columns, tokens, x);
        Compare(expected, each ? sizes : [.. sizes.Select(_ => sizes.Max())], got);
    }

    private static void Compare(double[] expected, double[] sizes, float[] got)
    {
        for (int i = 0; i < got.Length; i++)
        {
            if (!(Math.Abs(got[i] - expected[i]) <= (2e-6 * sizes[i]) + 1e-43))
                Assert.Fail($"At {i} of {got.Length}: expected {expected[i]}, got {got[i]} in a sum of magnitudes {sizes[i]}.");
        }
    }

    private static float[] Product(Allocation stored, string format, bool packed, int rows, int columns, float[] x, int threads)
    {
        using var team = new Team(threads);
        using var scratch = new Arena();
        using var weight = new Weight("w", BlockFormats.Named(format), rows, columns, stored.Region, new(Precision.Bytes, packed ? team : null));
        float[] y = new float[x.Length / columns * rows];
        weight.Multiply(Activations.Of(new Matrix(x, columns), false, scratch, team), new Matrix(y, rows), team);
        return y;
    }

    private static (double[] Products, double[] Sizes) Reference(Allocation stored, string format, int rows, int columns, int tokens, float[] x)
    {
        float[] values = new float[rows * columns];
        BlockFormats.Named(format).Decode(stored.Slice(0, (int)stored.Length), values);
        double[] y = new double[tokens * rows], sizes = new double[tokens * rows];
        for (int at = 0; at < y.Length; at++)
        {
            int token = at / rows, row = at % rows;
            for (int i = 0; i < columns; i++)
            {
                double term = (double)values[(row * columns) + i] * x[(token * columns) + i];
                y[at] += term;
                sizes[at] += Math.Abs(term);
            }
        }

        return (y, sizes);
    }

    private static unsafe List<float[]> Outcomes<TFloats>(Allocation stored, string format, int rows, int columns, float[] x)
        where TFloats : struct, IPanelFloats
    {
        using var weight = new Weight("w", BlockFormats.Named(format), rows, columns, stored.Region, new(Precision.Floats));
        float[] scales = new float[(rows + 31) / 32];
        using var panels = new Allocation((long)scales.Length * columns * TFloats.Bytes);
        for (int i = 0; i < scales.Length; i++)
            scales[i] = TFloats.Pack(weight, 32 * i, panels.Start + ((long)i * columns * TFloats.Bytes));
        FloatPanelTask Task(Span<float> y) => new()
        {
            Panels = panels.Start,
            Scales = scales,
            Rows = rows,
            X = new Matrix(x, columns),
            Y = new Matrix(y, rows),
            Column = 0,
        };
        int length = x.Length / columns * rows;
        return x.Length == columns
            ? EveryLane.Outcomes(length, y => new FloatPanelVector<TFloats>(Task(y)))
            : EveryLane.Outcomes(length, y => new FloatPanelMatrix<TFloats>(Task(y)));
    }

    private static unsafe float Unpacked(Allocation stored, out float[] values)
    {
        using var weight = new Weight("w", BlockFormats.Named("F16"), 32, 2048, stored.Region, new(Precision.Floats));
        using var panel = new Allocation(2048 * HalfPairs.Bytes);
        float scale = HalfPairs.Pack(weight, 0, panel.Start);
        values = new float[65536];
        for (int i = 0; i < 65536; i++)
        {
            int row = i / 2048, column = i % 2048;
            byte* at = panel.Start + (64 * column) + (4 * (row % 16));
            float[] one = new float[1];
            Scalar.Store(row < 16 ? HalfPairs.Low(at, Scalar.Fill(scale)) : HalfPairs.High(at, Scalar.Fill(scale)), ref one[0]);
            values[i] = one[0];
        }

        return scale;
    }
}
