using Thimble.Models.Blocks;

namespace Thimble.Planning;

/// <summary>One run whose time is known.</summary>
/// <param name="Operations">What it asked for.</param>
/// <param name="Threads">Threads that computed.</param>
/// <param name="Seconds">Its time.</param>
internal sealed record TimedRun(IReadOnlyList<Operation> Operations, int Threads, double Seconds);

/// <summary>Finds which share of its measured rates a machine reaches in whole models: one for each kernel and what bounds it.</summary>
/// <remarks>Shares make the logarithms of predicted over measured times small: by their squares where they are small and by their size
/// where they are not, so that a run which was disturbed pulls no more than another. A share that few runs speak of stays near 1. They
/// are found one after the other, by steps that grow finer.</remarks>
internal static class Calibration
{
    private const double Coarsest = 0.6, Finest = 0.001, Far = 0.15, Hold = 1e-5;
    private const int Sweeps = 2000;
    private const double Most = 1.61;   // logarithm of 5, the largest share and the reciprocal of the least

    /// <summary>The machine with shares fitted to runs.</summary>
    /// <param name="machine">The machine; shares that it has are where fitting begins.</param>
    /// <param name="runs">The runs.</param>
    public static Machine Fit(Machine machine, IReadOnlyList<TimedRun> runs)
    {
        Machine bare = machine with { Efficiencies = [] };
        Dictionary<(string Kernel, string Bound), int> places = [];
        Part[][] parts = [.. runs.Select(run => Parts(bare, run, places))];
        double[] shares = new double[places.Count];   // logarithms
        foreach (Efficiency known in machine.Efficiencies.Where(known => places.ContainsKey((known.Kernel, known.Level))))
            shares[places[(known.Kernel, known.Level)]] = Math.Log(known.Share);
        double least = Cost(parts, runs, shares);
        double step = Coarsest;
        for (int sweep = 0; sweep < Sweeps && step >= Finest; sweep++)
        {
            double before = least;
            for (int i = 0; i < shares.Length; i++)
            {
                foreach (double move in (double[])[step, -step])
                {
                    double old = shares[i];
                    shares[i] = Math.Clamp(old + move, -Most, Most);
                    double cost = Cost(parts, runs, shares);
                    if (cost < least)
                        least = cost;
                    else
                        shares[i] = old;
                }
            }

            if (before - least <= 1e-4 * before)
                step /= 2;
        }

        return machine with { Efficiencies = [.. places.OrderBy(pair => pair.Key).Select(pair => new Efficiency(pair.Key.Kernel, pair.Key.Bound, Math.Exp(shares[pair.Value])))] };
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

    /// <summary>What a run's operations take by arithmetic and by bytes, and which shares these are divided by.</summary>
    private static Part[] Parts(Machine bare, TimedRun run, Dictionary<(string Kernel, string Bound), int> places)
    {
        var target = new MeasuredTarget(bare, run.Threads);
        target.Begin(run.Operations);
        return [.. run.Operations.Select(operation => new Part(
            target.ComputeSeconds(operation) * operation.Times, target.MemorySeconds(operation) * operation.Times, target.OverheadSeconds(operation) * operation.Times,
            Place(operation.Kernel, "compute"), Place(operation.Kernel, target.Level(operation))))];

        int Place(string kernel, string bound)
        {
            if (!places.TryGetValue((kernel, bound), out int place))
                places.Add((kernel, bound), place = places.Count);
            return place;
        }
    }

    private readonly record struct Part(double Compute, double Memory, double Overhead, int ComputeShare, int MemoryShare);

    private static double Cost(Part[][] parts, IReadOnlyList<TimedRun> runs, double[] shares)
    {
        double sum = Hold * shares.Sum(share => share * share);
        for (int i = 0; i < parts.Length; i++)
        {
            double seconds = 0;
            foreach (Part part in parts[i])
                seconds += part.Overhead + Math.Max(part.Compute * Math.Exp(-shares[part.ComputeShare]), part.Memory * Math.Exp(-shares[part.MemoryShare]));
            double miss = Math.Abs(Math.Log(seconds / runs[i].Seconds));
            sum += (miss < Far ? miss * miss / (2 * Far) : miss - (Far / 2)) / parts.Length;
        }

        return sum;
    }

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
