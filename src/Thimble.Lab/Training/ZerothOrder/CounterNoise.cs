namespace Thimble.Lab.Training;

/// <summary>Standard normal numbers as a function of a seed, a tensor and a place, so that any stretch can be made anew by anybody.</summary>
/// <remarks><para>A 64-bit hash of the place gives four numbers, each one of 65,536 equally likely quantiles of the normal distribution,
/// scaled to variance 1. Nothing but integers and a table decides them, so all machines draw the same.</para>
/// <para>Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011, for counters in place of states; Steele et al., "Fast
/// Splittable Pseudorandom Number Generators", 2014, for the hash.</para></remarks>
internal readonly struct CounterNoise
{
    private static readonly float[] s_quantiles = Quantiles();

    private readonly ulong _key;

    /// <param name="seed">Names a direction.</param>
    /// <param name="tensor">Names a tensor in it.</param>
    public CounterNoise(uint seed, uint tensor) => _key = Mix(((ulong)seed << 32) | tensor);

    /// <summary>A hash whose every bit depends on every bit.</summary>
    public static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    /// <summary>The numbers from a place on.</summary>
    /// <param name="first">The first one's place in its tensor.</param>
    /// <param name="values">Receives them.</param>
    public void Fill(long first, Span<float> values)
    {
        float[] quantiles = s_quantiles;
        int at = 0;
        while (at < values.Length && ((first + at) & 3) != 0)
            values[at] = One(first + at++);
        ulong counter = _key + ((ulong)(first + at) >> 2);
        for (; at + 4 <= values.Length; at += 4)
        {
            ulong four = Mix(counter++);
            values[at] = quantiles[(ushort)four];
            values[at + 1] = quantiles[(ushort)(four >> 16)];
            values[at + 2] = quantiles[(ushort)(four >> 32)];
            values[at + 3] = quantiles[(ushort)(four >> 48)];
        }

        for (; at < values.Length; at++)
            values[at] = One(first + at);
    }

    /// <summary>Uniform numbers of 32 bits at a place: for masks.</summary>
    public uint Bits(long place) => (uint)(Mix(_key ^ 0x5DEECE66D ^ (ulong)place) >> 32);

    private float One(long place) => s_quantiles[(ushort)(Mix(_key + ((ulong)place >> 2)) >> (int)((place & 3) * 16))];

    /// <summary>The middle quantile of each 65,536th part, rounded to 2⁻¹⁶ so that no machine's logarithm decides a bit.</summary>
    private static float[] Quantiles()
    {
        float[] quantiles = new float[65536];
        double squares = 0;
        for (int i = 0; i < 32768; i++)
        {
            double value = Quantile((i + 0.5) / 65536);
            squares += 2 * value * value;
            quantiles[i] = (float)value;
        }

        double scale = 1 / Math.Sqrt(squares / 65536);
        for (int i = 0; i < 32768; i++)
        {
            quantiles[i] = (float)(Math.Round(quantiles[i] * scale * 65536) / 65536);
            quantiles[65535 - i] = -quantiles[i];
        }

        return quantiles;
    }

    /// <summary>The normal distribution's quantile of a probability below one half.</summary>
    /// <remarks>Source: Acklam, "An Algorithm for Computing the Inverse Normal Cumulative Distribution Function", 2003; error below 1.2e-9.</remarks>
    private static double Quantile(double p)
    {
        if (p < 0.02425)
        {
            double q = Math.Sqrt(-2 * Math.Log(p));
            return Polynomial(q, [-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783])
                / Polynomial(q, [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1]);
        }

        double d = p - 0.5, r = d * d;
        return d * Polynomial(r, [-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239])
            / Polynomial(r, [-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01, 1]);
    }

    private static double Polynomial(double x, ReadOnlySpan<double> coefficients)
    {
        double sum = 0;
        foreach (double coefficient in coefficients)
            sum = (sum * x) + coefficient;
        return sum;
    }
}
