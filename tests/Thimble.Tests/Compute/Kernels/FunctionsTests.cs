using Thimble.Compute.Kernels;
using static Thimble.Tests.Compute.EveryLane;

namespace Thimble.Tests.Compute.Kernels;

public class FunctionsTests
{
    private static readonly float[] s_x = [.. Enumerable.Range(-880, 1761).Select(i => i / 10f), 1e-8f, -1e-8f, 0];

    [Fact]
    public void Exp_is_within_three_ulp()
    {
        float[] x = [.. s_x.Where(v => Math.Abs(v) < 87)];
        foreach (float[] y in Outcomes(x.Length, y => new Map<Exp>(x, y)))
        {
            for (int i = 0; i < x.Length; i++)
                Assert.InRange(y[i] / Math.Exp(x[i]), 1 - 4e-7, 1 + 4e-7);
        }
    }

    [Fact]
    public void Exp_of_extremes_is_finite_and_nearly_nothing_or_huge()
    {
        float[] x = [float.NegativeInfinity, -1e30f, -200, 200, 1e30f, float.PositiveInfinity];
        foreach (float[] y in Outcomes(x.Length, y => new Map<Exp>(x, y)))
        {
            Assert.All(y[..3], v => Assert.InRange(v, 0, 1.3e-38f));
            Assert.All(y[3..], v => Assert.InRange(v, 1e38f, float.MaxValue));
        }
    }

    [Fact]
    public void Sigmoid_tanh_silu_and_gelu_are_their_formulas()
    {
        Check(y => new Map<Sigmoid>(s_x, y), x => 1 / (1 + Math.Exp(-x)), 3e-7);
        Check(y => new Map<Tanh>(s_x, y), Math.Tanh, 5e-7);
        Check(y => new Map<Silu>(s_x, y), x => x / (1 + Math.Exp(-x)), 5e-7);
        Check(y => new Map<Gelu>(s_x, y), x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))), 1e-6);
        Check(y => new Map<GeluQuick>(s_x, y), x => x / (1 + Math.Exp(-1.702 * x)), 5e-7);
        Check(y => new Map<GeluErf>(s_x, y), x => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))), 5e-7);
        Check(y => new Map<ReluSquared>(s_x, y), x => x > 0 ? x * x : 0, 1e-7);
    }

    [Fact]
    public void Softplus_is_within_four_ulp_and_never_negative()
    {
        foreach (float[] y in Outcomes(s_x.Length, y => new Map<Softplus>(s_x, y)))
        {
            for (int i = 0; i < s_x.Length; i++)
            {
                double expected = s_x[i] > 30 ? s_x[i] : Math.Log(1 + Math.Exp(s_x[i]));
                expected = s_x[i] < -15 ? Math.Exp(s_x[i]) : expected;
                Assert.InRange(y[i], 0, float.MaxValue);
                Assert.InRange(Math.Abs(y[i] - expected), 0, (5e-7 * expected) + 2e-38);
            }
        }
    }

    [Fact]
    public void The_cut_gate_and_the_trained_slopes_are_their_formulas()
    {
        float[] gate = [.. s_x], up = [.. s_x.Reverse()], x = [.. s_x.Select(v => v / 10)], y = [.. x];
        new ClampedSwiglu().Gate(gate, up);
        Xielu.Of(negative: 0.5f, positive: 0.7f, slope: 0.4f, edge: -1e-6f).Apply(y);
        double below = 0.4 + Math.Log(1 + Math.Exp(0.5)), above = Math.Log(1 + Math.Exp(0.7));
        for (int i = 0; i < s_x.Length; i++)
        {
            double g = Math.Min(s_x[i], 7), cut = g / (1 + Math.Exp(-1.702 * g)) * (Math.Clamp(up[i], -7, 7) + 1), v = x[i];
            double trained = (0.4 * v) + (v > 0 ? above * v * v : below * (Math.Exp(Math.Min(v, -1e-6)) - 1 - v));
            Assert.Equal(cut, gate[i], 1e-5);
            Assert.Equal(trained, y[i], 1e-4);
        }
    }

    [Fact]
    public void Where_a_value_stands_cannot_be_seen()
    {
        // A tail is computed one by one: it must get the bits a register would give.
        float[] x = Random(100, 5, 4);
        foreach (float[] whole in Outcomes(100, y => new Map<Silu>(x, y)))
        {
            for (int i = 0; i < 100; i++)
                Assert.Equal(whole[i], Outcomes(1, y => new Map<Silu>(x.AsSpan(i, 1), y))[0][0]);
        }
    }

    private static void Check<TFunction>(Making<Map<TFunction>> make, Func<double, double> expected, double tolerance)
        where TFunction : struct, IFunction
    {
        foreach (float[] y in Outcomes(s_x.Length, make))
        {
            for (int i = 0; i < s_x.Length; i++)
                Assert.InRange(Math.Abs(y[i] - expected(s_x[i])), 0, tolerance * Math.Max(1, Math.Abs(expected(s_x[i]))));
        }
    }

    /// <summary>The error function by its series, or by its continued fraction where that converges faster.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 3)
        {
            double fraction = 0, a = Math.Abs(x);
            for (int k = 60; k > 0; k--)
                fraction = k / 2.0 / (a + fraction);
            return Math.Sign(x) * (1 - (Math.Exp(-a * a) / (Math.Sqrt(Math.PI) * (a + fraction))));
        }

        double term = x, sum = x;
        for (int k = 1; k < 100; k++)
        {
            term *= -x * x / k;
            sum += term / ((2 * k) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
