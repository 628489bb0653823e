using Thimble.Lab.Training;

namespace Thimble.Tests.Lab.Training;

/// <summary>Divergences against sums in double precision, and their slopes against differences.</summary>
public sealed class DivergenceTests
{
    private const float Skew = 0.3f;

    public static TheoryData<string> Names => [.. Divergences.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_slope_is_the_difference(string name)
    {
        var random = new Random(3);
        for (int round = 0; round < 20; round++)
        {
            (float[] p, float[] q) = (Distribution(random, 17), Distribution(random, 17));
            float[] slopes = new float[17];
            Divergences.Named(name, Skew).Of(p, q, slopes);
            for (int i = 0; i < q.Length; i++)
                Assert.Equal((Exact(name, p, q, i, 1e-6) - Exact(name, p, q, i, -1e-6)) / 2e-6, slopes[i], 1e-3 * Math.Max(1, Math.Abs(slopes[i])));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_divergence_is_its_sum_and_nothing_between_equals(string name)
    {
        var random = new Random(4);
        (float[] p, float[] q) = (Distribution(random, 200), Distribution(random, 200));
        Assert.Equal(Exact(name, p, q, 0, 0), Divergences.Named(name, Skew).Of(p, q, new float[200]), 1e-5);
        Assert.Equal(0, Divergences.Named(name, Skew).Of(p, p, new float[200]), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Certainty_on_either_side_stays_finite(string name)
    {
        float[] slopes = new float[3];
        double value = Divergences.Named(name, Skew).Of([1, 0, 0], [0, 1, 0], slopes);
        Assert.True(double.IsFinite(value) && slopes.All(float.IsFinite));
        Assert.True(value > 0.3);
    }

    [Fact]
    public void An_unknown_name_is_refused() =>
        Assert.Contains("known: forward, reverse", Assert.Throws<NotSupportedException>(() => Divergences.Named("sideways", 0)).Message, StringComparison.Ordinal);

    private static double Exact(string name, float[] p, float[] q, int moved, double by)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            double a = p[i], b = q[i] + (i == moved ? by : 0);
            sum += name switch
            {
                "forward" => a * Math.Log(a / b),
                "reverse" => b * Math.Log(b / a),
                "skewed-forward" => a * Math.Log(a / ((Skew * a) + ((1 - Skew) * b))),
                _ => b * Math.Log(b / ((Skew * b) + ((1 - Skew) * a))),
            };
        }

        return sum;
    }

    private static float[] Distribution(Random random, int count)
    {
        double[] weights = [.. Enumerable.Range(0, count).Select(_ => Math.Exp(3 * random.NextDouble()))];
        return [.. weights.Select(weight => (float)(weight / weights.Sum()))];
    }
}
