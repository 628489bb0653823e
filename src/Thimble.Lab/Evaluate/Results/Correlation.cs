namespace Thimble.Lab.Evaluate;

/// <summary>How two rows of numbers go together, in [−1, 1].</summary>
internal static class Correlation
{
    /// <summary><c>Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)² · Σ(y − ȳ)²)</c>; null where one of them does not change.</summary>
    public static double? Pearson(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count < 2)
            return null;
        double meanX = x.Average(), meanY = y.Average();
        double both = x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum();
        double spread = Math.Sqrt(x.Sum(a => (a - meanX) * (a - meanX)) * y.Sum(b => (b - meanY) * (b - meanY)));
        return spread == 0 ? null : both / spread;
    }

    /// <summary>Pearson's of the ranks; equal values share the mean of theirs.</summary>
    public static double? Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y) => Pearson(Ranks(x), Ranks(y));

    private static double[] Ranks(IReadOnlyList<double> values) =>
        [.. values.Select(value => values.Count(other => other < value) + ((values.Count(other => other == value) + 1) / 2.0))];
}
