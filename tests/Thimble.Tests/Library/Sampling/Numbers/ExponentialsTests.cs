using Thimble.Sampling;

namespace Thimble.Tests.Library.Sampling;

public class ExponentialsTests
{
    [Fact]
    public void Exponential_agrees_with_the_system_to_the_last_bits()
    {
        for (double x = -708; x <= 709; x += 0.0371)
            Assert.InRange(Exponentials.Exp(x) / Math.Exp(x), 1 - 5e-16, 1 + 5e-16);
        Assert.Equal(1, Exponentials.Exp(0));
        Assert.Equal(0, Exponentials.Exp(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, Exponentials.Exp(710));
    }

    [Fact]
    public void Logarithm_agrees_with_the_system_to_the_last_bits()
    {
        for (double x = 1e-300; x < 1e300; x *= 1.0137)
            Assert.InRange(Exponentials.Log(x) - Math.Log(x), -4e-16 * Scale(x), 4e-16 * Scale(x));
        Assert.Equal(0, Exponentials.Log(1));
        Assert.Equal(double.NegativeInfinity, Exponentials.Log(0));

        static double Scale(double x) => Math.Max(1, Math.Abs(Math.Log(x)));
    }

    [Fact]
    public void Powers_agree_with_the_system()
    {
        for (double x = 0.01; x < 5; x += 0.17)
        {
            Assert.Equal(Math.Pow(x, 2.3), Exponentials.Power(x, 2.3), 1e-12);
            Assert.InRange(Exponentials.Power(x, 17) / Math.Pow(x, 17), 1 - 1e-14, 1 + 1e-14);
        }

        Assert.Equal(0, Exponentials.Power(0, 0.5));
        Assert.Equal(1, Exponentials.Power(0, 0.0));
    }

    [Fact]
    public void Known_bits_stay_the_same_on_every_machine()
    {
        // e comes out one unit above the nearest double; what counts is that it does so everywhere.
        Assert.Equal(0x4005BF0A8B14576A, BitConverter.DoubleToInt64Bits(Exponentials.Exp(1)));
        Assert.Equal(0x3FE62E42FEFA39EF, BitConverter.DoubleToInt64Bits(Exponentials.Log(2)));
    }
}
