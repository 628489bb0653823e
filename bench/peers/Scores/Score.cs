using System.Globalization;

namespace Thimble.Peers.Scores;

/// <summary>What came of a work: pairs of measurements, each taken side by side.</summary>
/// <param name="Model">The model.</param>
/// <param name="Format">Its formats.</param>
/// <param name="Title">The work.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Ours">Thimble, tokens a second.</param>
/// <param name="Theirs">llama.cpp, tokens a second.</param>
/// <param name="Limit">What the machine allows, tokens a second.</param>
/// <param name="Disturbed">Share of the processors that others had meanwhile.</param>
internal sealed record Score(string Model, string Format, string Title, int Threads, double[] Ours, double[] Theirs, double Limit, double Disturbed)
{
    /// <summary>The head of the table.</summary>
    public static string Header =>
        $"| {"model",-12} | {"format",-6} | {"work",-14} | {"thr",3} | {"Thimble t/s",16} | {"llama.cpp t/s",16} | {"ratio",5} | {"of bound",8} | {"theirs",6} | notes |\n" +
        "|---|---|---|--:|--:|--:|--:|--:|--:|---|";

    /// <summary>The median of the pairs' ratios.</summary>
    public double Ratio => Median([.. Ours.Zip(Theirs, (ours, theirs) => ours / theirs)]);

    /// <summary>A row of the table.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Model,-12} | {Format,-6} | {Title,-14} | {Threads,3} | {Speed(Ours),16} | {Speed(Theirs),16} | {Ratio,5:F2} | {Median(Ours) / Limit,8:P0} | {Median(Theirs) / Limit,6:P0} | {(Disturbed >= Disturbance.Limit ? $"noisy, others had {Disturbed:P0}" : "")} |");

    /// <summary>The middle value.</summary>
    public static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Speed(double[] values) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median(values):F1} ± {(values.Max() - values.Min()) / 2 / Median(values):P0}");
}
