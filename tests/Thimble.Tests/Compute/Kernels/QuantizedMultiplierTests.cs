using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Tests.Compute.Kernels;

/// <summary>Every quantised format, multiplied as it lies in a file.</summary>
public class QuantizedMultiplierTests
{
    private const int Rows = 5, Columns = 512, Tokens = 3;

    public static TheoryData<string> Formats => [.. BlockFormats.All.Where(format => format.Group > 0).Select(format => format.Name)];

    [Theory, MemberData(nameof(Formats))]
    public void Products_are_those_of_the_decoded_values(string format)
    {
        float[] x = EveryLane.Random(Tokens * Columns, 4, 3);
        using Allocation stored = PanelTests.Stored(format, Rows, Columns, EveryLane.Random(Rows * Columns, 5));
        (double[] expected, double scale) = PanelTests.Reference(stored, format, Rows, Columns, Tokens, x);
        float[] together = Product(stored, format, x);
        for (int i = 0; i < together.Length; i++)
            Assert.InRange(Math.Abs(together[i] - expected[i]) / scale, 0, 3e-6);
        for (int token = 0; token < Tokens; token++)
            Assert.Equal(together[(token * Rows)..((token + 1) * Rows)], Product(stored, format, x[(token * Columns)..((token + 1) * Columns)]));
    }

    private static float[] Product(Allocation stored, string format, float[] x)
    {
        using var team = new Team(2);
        using var scratch = new Arena();
        using var weight = new Weight("w", BlockFormats.Named(format), Rows, Columns, stored.Region, new(Precision.Bytes));
        float[] y = new float[x.Length / Columns * Rows];
        weight.Multiply(Activations.Of(new Matrix(x, Columns), true, scratch, team), new Matrix(y, Rows), team);
        return y;
    }
}
