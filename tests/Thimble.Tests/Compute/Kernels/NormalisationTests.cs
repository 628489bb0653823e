using Thimble.Compute.Kernels;
using static Thimble.Tests.Compute.EveryLane;

namespace Thimble.Tests.Compute.Kernels;

public class NormalisationTests
{
    public static TheoryData<int> Lengths => [1, 2, 7, 15, 16, 17, 64, 127, 1000];

    [Theory, MemberData(nameof(Lengths))]
    public void Rms_norm_is_the_formula_on_every_register(int length)
    {
        float[] x = Random(length, 1), gain = Random(length, 2);
        double mean = x.Select(v => (double)v * v).Average();
        float[] expected = [.. x.Select((v, i) => (float)(v * gain[i] / Math.Sqrt(mean + 1e-5)))];
        foreach (float[] y in Outcomes(length, y => new RmsNorm(x, gain, 1e-5f, y)))
            Close(expected, y, 1e-6);
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Layer_norm_is_the_formula_on_every_register(int length)
    {
        float[] x = Random(length, 1), gain = Random(length, 2), bias = Random(length, 3);
        double mean = x.Average(v => (double)v), variance = x.Select(v => (v - mean) * (v - mean)).Average();
        float[] expected = [.. x.Select((v, i) => (float)(((v - mean) * gain[i] / Math.Sqrt(variance + 1e-5)) + bias[i]))];
        foreach (float[] y in Outcomes(length, y => new LayerNorm(x, gain, bias, 1e-5f, y)))
            Close(expected, y, 2e-6);
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Unit_length_is_the_formula_on_every_register(int length)
    {
        float[] x = Random(length, 1), none = new float[length];
        double size = Math.Sqrt(x.Sum(v => (double)v * v));
        float[] expected = [.. x.Select(v => (float)(0.5 * v / size))];
        foreach (float[] y in Outcomes(length, y => new UnitLength(x, 0.5f, 1e-6f, y)))
            Close(expected, y, 1e-6);
        Assert.All(Agree(length, 0, y => new UnitLength(none, 1, 1e-6f, y)), v => Assert.Equal(0, v));
    }

    [Fact]
    public void A_norm_of_zeros_is_zero()
    {
        float[] x = new float[33];
        Assert.All(Agree(33, 0, y => new RmsNorm(x, [], 1e-6f, y)), v => Assert.Equal(0, v));
    }
}
