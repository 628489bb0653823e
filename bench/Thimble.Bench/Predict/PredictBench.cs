using System.Globalization;
using Thimble.Planning;

namespace Thimble.Bench;

/// <summary>Predicted against measured tokens a second, over models, formats, lengths and batches, after one share for each kernel and
/// what bounds it was fitted to half of the runs.</summary>
/// <remarks>Runs are kept in a file and not run again, so that a bench that was stopped goes on where it was. Give <c>more</c> for the
/// whole grid, <c>save</c> to keep the shares in the machine's profile.</remarks>
internal static class PredictBench
{
    public static void Run(string[] args)
    {
        string folder = args.FirstOrDefault(arg => arg is not ("more" or "save" or "fit")) ?? "predict";
        Directory.CreateDirectory(folder);
        Machine machine = File.Exists(Path.Combine(folder, "machine.json"))
            ? Machine.Load(Path.Combine(folder, "machine.json"))
            : Machine.Measure(new() { StorageFolder = "" }, Console.Error.WriteLine);
        machine.Save(Path.Combine(folder, "machine.json"));

        var log = new RunLog(Path.Combine(folder, "runs.csv"));
        RunCase[] cases = [.. RunCase.Grid(whole: args.Contains("more"))];
        if (!args.Contains("fit"))
            RunCase.Measure(cases, log, machine.Cores.Count);
        (RunCase Case, TimedRun Run)[] done = [.. RunCase.Timed(cases, log, machine.Cores.Count)];
        if (done.Length < 4)
            throw new InvalidOperationException($"{done.Length} runs are too few to fit to.");

        new Random(7).Shuffle(done);
        TimedRun[] half = [.. done.Where((_, i) => i % 2 == 0).Select(pair => pair.Run)];
        (RunCase Case, TimedRun Run)[] rest = [.. done.Where((_, i) => i % 2 == 1)];
        Machine fitted = Calibration.Fit(machine with { Efficiencies = [] }, half);
        Report(machine with { Efficiencies = [] }, fitted, rest);
        File.WriteAllText(Path.Combine(folder, "predict.svg"), ScatterPlot.Of([.. rest.Select(pair => Speeds(fitted, pair))]));
        if (args.Contains("save"))
            fitted.Save(Machine.DefaultPath);
    }

    private static void Report(Machine bare, Machine fitted, (RunCase Case, TimedRun Run)[] rest)
    {
        Console.WriteLine("held-out run                                   measured t/s  predicted t/s  error");
        foreach ((RunCase Case, TimedRun Run) pair in rest.OrderBy(pair => pair.Case.Name, StringComparer.Ordinal))
        {
            (string _, double measured, double predicted) = Speeds(fitted, pair);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pair.Case.Name,-46} {measured,12:F1} {predicted,14:F1} {100 * ((predicted / measured) - 1),5:F0} %"));
        }

        foreach ((string name, Func<RunCase, bool> of) in new (string, Func<RunCase, bool>)[] { ("all", _ => true), ("decode (TPOT)", run => run.Decodes), ("prefill (TTFT)", run => !run.Decodes) })
        {
            TimedRun[] runs = [.. rest.Where(pair => of(pair.Case)).Select(pair => pair.Run)];
            if (runs.Length == 0)
                continue;
            (double median, double worst, double correlation, double ratio) = Calibration.Score(fitted, runs);
            (double before, double _, double rough, double _) = Calibration.Score(bare, runs);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: {runs.Length} held-out runs, median error {100 * median:F1} % (worst {100 * worst:F0} %), geometric mean {100 * (ratio - 1):F1} %, rank correlation {correlation:F3}; before fitting {100 * before:F0} %, {rough:F3}"));
        }

        foreach (Efficiency share in fitted.Efficiencies)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"share of {share.Kernel} bound by {share.Level}: {share.Share:F2}"));
    }

    private static (string Name, double Measured, double Predicted) Speeds(Machine machine, (RunCase Case, TimedRun Run) pair)
    {
        double tokens = pair.Case.Tokens, predicted = Roofline.Of(pair.Run.Operations, new MeasuredTarget(machine, pair.Run.Threads)).Seconds;
        return (pair.Case.Name, tokens / pair.Run.Seconds, tokens / predicted);
    }
}
