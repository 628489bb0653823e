namespace Thimble.Lab.Evaluate;

/// <summary>Where a true value lies with 95 % confidence.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
internal readonly record struct Interval(double Low, double High)
{
    private const double Normal = 1.959963984540054;
    private const int Resamples = 1000;

    /// <summary>Of a share: <c>(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)</c>, which stays within [0, 1] also for few.</summary>
    /// <param name="hits">Successes.</param>
    /// <param name="count">Trials, at least 1.</param>
    /// <remarks>Source: Wilson, "Probable inference, the law of succession, and statistical inference", 1927.</remarks>
    public static Interval Wilson(int hits, int count)
    {
        double share = (double)hits / count, square = Normal * Normal / count;
        double middle = share + (square / 2), half = Normal * Math.Sqrt((share * (1 - share) / count) + (square / (4 * count)));
        return new(Math.Max(0, (middle - half) / (1 + square)), Math.Min(1, (middle + half) / (1 + square)));
    }

    /// <summary>Of a figure of questions, by drawing as many of them again and again.</summary>
    /// <param name="count">Questions, at least 1.</param>
    /// <param name="figure">The figure of the questions drawn; NaN where it has none.</param>
    /// <param name="seed">Begins the drawing.</param>
    /// <remarks>Source: Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979; the 2.5 and 97.5 % quantiles of 1,000 draws.</remarks>
    public static Interval Bootstrap(int count, Func<int[], double> figure, int seed)
    {
        var random = new Random(seed);
        int[] drawn = new int[count];
        List<double> figures = [];
        for (int sample = 0; sample < Resamples; sample++)
        {
            for (int i = 0; i < count; i++)
                drawn[i] = random.Next(count);
            if (figure(drawn) is var value && double.IsFinite(value))
                figures.Add(value);
        }

        figures.Sort();
        return figures.Count == 0 ? new(0, 0) : new(Quantile(figures, 0.025), Quantile(figures, 0.975));
    }

    private static double Quantile(List<double> sorted, double share) => sorted[(int)Math.Round(share * (sorted.Count - 1))];
}
