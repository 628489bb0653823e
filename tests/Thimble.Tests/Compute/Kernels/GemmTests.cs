using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Tests.Compute.Kernels;

/// <summary>Products of matrices that change, against sums in double precision.</summary>
public class GemmTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 3, 5, 2 }, { 33, 31, 65 }, { 7, 300, 40 }, { 130, 17, 33 }, { 200, 257, 96 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Products_are_those_of_double_precision(int rows, int inner, int columns)
    {
        float[] x = EveryLane.Random(rows * inner, 1), w = EveryLane.Random(columns * inner, 2);
        float[] expected = Reference(x, w, rows, inner, columns);
        EveryLane.Close(expected, Run(rows, columns, (gemm, y) => gemm.MultiplyByRows(new(x, inner), new(w, inner), new(y, columns))), 1e-5);
        EveryLane.Close(expected, Run(rows, columns, (gemm, y) => gemm.Multiply(new(x, inner), new(Turned(w, inner), columns), new(y, columns))), 1e-5);
        EveryLane.Close(expected, Run(rows, columns, (gemm, y) => gemm.MultiplyTurned(new(Turned(x, inner), rows), new(Turned(w, inner), columns), new(y, columns))), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Threads_move_no_bit_and_sums_go_on(int rows, int inner, int columns)
    {
        float[] x = EveryLane.Random(rows * inner, 3), w = EveryLane.Random(columns * inner, 4);
        float[] one = Run(rows, columns, (gemm, y) => gemm.MultiplyByRows(new(x, inner), new(w, inner), new(y, columns)), threads: 1);
        Assert.Equal(one, Run(rows, columns, (gemm, y) => gemm.MultiplyByRows(new(x, inner), new(w, inner), new(y, columns)), threads: 3));
        float[] twice = Run(rows, columns, (gemm, y) =>
        {
            gemm.MultiplyByRows(new(x, inner), new(w, inner), new(y, columns));
            gemm.MultiplyByRows(new(x, inner), new(w, inner), new(y, columns), adds: true);
        });
        Assert.Equal([.. one.Select(value => 2 * value)], twice);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() =>
            Run(2, 2, (gemm, y) => gemm.Multiply(new(new float[6], 3), new(new float[8], 2), new(y, 2))));
        Assert.Contains("2×3 and 4×2", refused.Message, StringComparison.Ordinal);
    }

    private static float[] Run(int rows, int columns, Action<Gemm, float[]> work, int threads = 2)
    {
        using var team = new Team(threads);
        using var gemm = new Gemm(team);
        float[] y = new float[rows * columns];
        work(gemm, y);
        return y;
    }

    private static float[] Reference(float[] x, float[] w, int rows, int inner, int columns)
    {
        float[] y = new float[rows * columns];
        for (int i = 0; i < y.Length; i++)
        {
            double sum = 0;
            for (int k = 0; k < inner; k++)
                sum += (double)x[(i / columns * inner) + k] * w[(i % columns * inner) + k];
            y[i] = (float)sum;
        }

        return y;
    }

    private static float[] Turned(float[] x, int columns)
    {
        int rows = x.Length / columns;
        float[] y = new float[x.Length];
        for (int i = 0; i < x.Length; i++)
            y[(i % columns * rows) + (i / columns)] = x[i];
        return y;
    }
}
