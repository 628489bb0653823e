using Thimble.Models.Blocks;

namespace Thimble.Planning;

/// <summary>One run whose time is known.</summary>
/// <param name="Operations">What it asked for.</param>
/// <param name="Threads">Threads that computed.</param>
/// <param name="Seconds">Its time.</param>
internal sealed record TimedRun(IReadOnlyList<Operation> Operations, int Threads, double Seconds);

/// <summary>Finds which share of its measured rates a machine reaches in whole models: one for each kernel and what bounds it.</summary>
/// <remarks>Shares are scaled in turn by how much runs take longer than predicted, each run counting in proportion to the part that the
/// kernel has in it, until nothing moves: the multiplicative way of solving a sum of positive parts, which keeps shares positive.</remarks>
internal static class Calibration
{
    private const int Rounds = 200;
    private const double Least = 0.02, Most = 5;

    /// <summary>The machine with shares fitted to runs.</summary>
    /// <param name="machine">The machine; shares that it has are where fitting begins.</param>
    /// <param name="runs">The runs.</param>
    public static Machine Fit(Machine machine, IReadOnlyList<TimedRun> runs)
    {
        Dictionary<(string Kernel, string Bound), double> shares = machine.Efficiencies.ToDictionary(share => (share.Kernel, share.Level), share => share.Share);
        for (int round = 0; round < Rounds && runs.Count > 0; round++)
        {
            Machine now = machine with { Efficiencies = Listed(shares) };
            Dictionary<(string, string), (double Wanted, double Got)> sums = [];
            foreach (TimedRun run in runs)
            {
                var estimate = Roofline.Of(run.Operations, new MeasuredTarget(now, run.Threads));
                foreach ((string kernel, string bound, double seconds) in estimate.ByKernel())
                {
                    (double wanted, double got) = sums.GetValueOrDefault((kernel, bound));
                    double part = seconds / run.Seconds;   // a run counts by its share of time, not by its length
                    sums[(kernel, bound)] = (wanted + (part * run.Seconds / estimate.Seconds), got + part);
                }
            }

            foreach (((string, string) key, (double wanted, double got)) in sums)
                shares[key] = Math.Clamp(shares.GetValueOrDefault(key, 1) * got / wanted, Least, Most);
        }

        return machine with { Efficiencies = Listed(shares) };
    }

    /// <summary>How predictions agree with times: median and greatest of their relative errors, and the correlation of their ranks.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="runs">Runs, other than those that were fitted.</param>
    public static (double MedianError, double WorstError, double RankCorrelation, double GeometricMeanRatio) Score(Machine machine, IReadOnlyList<TimedRun> runs)
    {
        double[] predicted = [.. runs.Select(run => Roofline.Of(run.Operations, new MeasuredTarget(machine, run.Threads)).Seconds)];
        double[] errors = [.. runs.Select((run, i) => Math.Abs((predicted[i] / run.Seconds) - 1)).Order()];
        double ratio = Math.Exp(runs.Select((run, i) => Math.Abs(Math.Log(predicted[i] / run.Seconds))).Average());
        return (errors[errors.Length / 2], errors[^1], Correlation(Ranks(predicted), Ranks([.. runs.Select(run => run.Seconds)])), ratio);
    }

    private static Efficiency[] Listed(Dictionary<(string Kernel, string Bound), double> shares) =>
        [.. shares.OrderBy(pair => pair.Key).Select(pair => new Efficiency(pair.Key.Kernel, pair.Key.Bound, pair.Value))];

    /// <summary>Ranks from 0; equal values share the mean of theirs.</summary>
    private static double[] Ranks(double[] values) =>
        [.. values.Select(value => values.Count(other => other < value) + ((values.Count(other => other == value) - 1) / 2.0))];

    private static double Correlation(double[] x, double[] y)
    {
        double meanX = x.Average(), meanY = y.Average(), xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            xy += (x[i] - meanX) * (y[i] - meanY);
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
        }

        return xx == 0 || yy == 0 ? 1 : xy / Math.Sqrt(xx * yy);
    }
}
