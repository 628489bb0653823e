using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Tests.Compute.Kernels;

/// <summary>The reference product in 32-bit floats, itself against double precision.</summary>
public class FloatMultiplierTests
{
    public static TheoryData<string> Floats => ["F16", "BF16", "F32"];

    public static TheoryData<string> Formats => ["F16", "BF16", "F32", "F64", "Q4_0", "Q6_K", "IQ2_S"];

    [Fact]
    public void Dot_products_agree_on_every_register()
    {
        foreach ((int rows, int columns, int tokens) in ((int, int, int)[])[(1, 1, 1), (5, 37, 2), (32, 1040, 3), (7, 2100, 66), (31, 15, 5)])
        {
            float[] w = EveryLane.Random(rows * columns, 3), x = EveryLane.Random(tokens * columns, 4);
            List<float[]> outcomes = EveryLane.Outcomes(
                tokens * rows, y => new DotProducts(w, new Matrix(x, columns), new Matrix(y, rows), 0, new float[DotProducts.Room]));
            foreach (float[] outcome in outcomes)
                Compare(w, x, columns, outcome);
        }
    }

    [Theory, MemberData(nameof(Floats))]
    public void Stored_rows_meet_one_token_alike_on_every_register(string format)
    {
        foreach ((int rows, int columns) in ((int, int)[])[(1, 1), (6, 33), (4, 512), (9, 1000)])
        {
            float[] x = EveryLane.Random(columns, 6), w = new float[rows * columns];
            using Allocation stored = PanelTests.Stored(format, rows, columns, EveryLane.Random(rows * columns, 7));
            BlockFormats.Named(format).Decode(stored.Slice(0, (int)stored.Length), w);
            List<float[]> outcomes = format switch
            {
                "F16" => Outcomes<F16>(stored, x, rows),
                "BF16" => Outcomes<BF16>(stored, x, rows),
                _ => Outcomes<F32>(stored, x, rows),
            };
            foreach (float[] outcome in outcomes)
                Compare(w, x, columns, outcome);
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void Every_format_has_the_same_bits_in_any_company(string format)
    {
        const int rows = 45, columns = 768, tokens = 70;
        float[] x = EveryLane.Random(tokens * columns, 9), w = new float[rows * columns];
        using Allocation stored = PanelTests.Stored(format, rows, columns, EveryLane.Random(rows * columns, 8));
        BlockFormats.Named(format).Decode(stored.Slice(0, (int)stored.Length), w);
        float[] whole = Product(stored, format, rows, columns, x, threads: 1);
        Compare(w, x, columns, whole);
        foreach ((int first, int count, int threads) in ((int, int, int)[])[(0, 1, 3), (69, 1, 1), (3, 2, 2), (60, 7, 3), (5, 65, 2)])
        {
            float[] part = Product(stored, format, rows, columns, x[(first * columns)..((first + count) * columns)], threads);
            Assert.Equal(whole[(first * rows)..((first + count) * rows)], part);
        }
    }

    private static List<float[]> Outcomes<TFloat>(Allocation stored, float[] x, int rows)
        where TFloat : unmanaged, IFloat<TFloat> => EveryLane.Outcomes(rows, y => new RowDots<TFloat>(stored.Region, x, y));

    private static void Compare(float[] w, float[] x, int columns, float[] got)
    {
        int rows = w.Length / columns;
        for (int at = 0; at < got.Length; at++)
        {
            double sum = 0, size = 0;
            for (int i = 0; i < columns; i++)
            {
                double term = (double)w[(at % rows * columns) + i] * x[(at / rows * columns) + i];
                (sum, size) = (sum + term, size + Math.Abs(term));
            }

            Assert.InRange(Math.Abs(got[at] - sum), 0, 2e-6 * size);
        }
    }

    private static float[] Product(Allocation stored, string format, int rows, int columns, float[] x, int threads)
    {
        using var team = new Team(threads);
        using var scratch = new Arena();
        using var weight = new Weight("w", BlockFormats.Named(format), rows, columns, stored.Region, new(Precision.Floats));
        float[] y = new float[x.Length / columns * rows];
        weight.Multiply(Activations.Of(new Matrix(x, columns), false, scratch, team), new Matrix(y, rows), team);
        return y;
    }
}
