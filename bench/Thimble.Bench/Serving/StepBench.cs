using System.Diagnostics;
using Thimble.Models.Blocks;
using Thimble.Scheduling;

namespace Thimble.Bench;

/// <summary>Where the time of a step goes, by the number of sequences in it: products, attention, the rest of the layers, choosing, planning, and what lies between steps.</summary>
internal static class StepBench
{
    private const int Written = 96, Rounds = 6;

    public static async Task Run(string[] args)
    {
        ModelOptions opening = new() { Threads = int.TryParse(Environment.GetEnvironmentVariable("THREADS"), out int threads) ? threads : null };
        using Model model = args.Length > 0 && args[0] != "default" ? Model.Open(args[0], opening) : Model.OpenDefault(opening);
        int[] crowds = args.Length > 1 ? [.. args[1..].Select(int.Parse)] : [1, 16];
        Dictionary<int, Dictionary<string, double>> all = [];
        foreach (int crowd in crowds)
            all[crowd] = await Measure(model, crowd);
        Console.WriteLine($"{model.Name}: microseconds of a step in which so many sequences write (medians of {Rounds} rounds)");
        Console.WriteLine($"{"",-28}{string.Concat(crowds.Select(crowd => $"{crowd,10}"))}   row gain");
        foreach (string part in all.Values.SelectMany(parts => parts.Keys).Distinct().OrderByDescending(part => all[crowds[^1]].GetValueOrDefault(part)))
        {
            double[] times = [.. crowds.Select(crowd => all[crowd].GetValueOrDefault(part))];
            Console.WriteLine($"{part,-28}{string.Concat(times.Select(time => $"{time,10:F1}"))}{times[0] / crowds[0] / (times[^1] / crowds[^1]),11:F2}");
        }
    }

    private static async Task<Dictionary<string, double>> Measure(Model model, int crowd)
    {
        List<Dictionary<string, double>> rounds = [];
        for (int round = 0; round <= Rounds; round++)
        {
            Dictionary<string, double> plain = await Round(model, crowd, null);
            var trace = new OperationTrace(TimeProvider.System);
            Dictionary<string, double> traced = await Round(model, crowd, trace);
            foreach ((string part, double time) in plain)
                traced[part] = time;
            if (round > 0)
                rounds.Add(traced);
        }

        return rounds.SelectMany(parts => parts.Keys).Distinct().ToDictionary(part => part, part => rounds.Select(parts => parts.GetValueOrDefault(part)).Order().ElementAt(rounds.Count / 2));
    }

    private static async Task<Dictionary<string, double>> Round(Model model, int crowd, OperationTrace? trace)
    {
        Generation[] running = [.. Enumerable.Range(0, crowd).Select(i => model.Generate($"{i} cats and", new() { MaxTokens = Written, IgnoreEnd = true, Sampling = SamplingOptions.Greedy }))];
        foreach (Generation generation in running)
            await generation.MoveNextAsync();
        model.Engine.Use(pass => pass.Trace = trace);
        EngineStatistics before = model.Engine.Statistics;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(running.Select(generation => generation.TextAsync()));
        double wall = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        EngineStatistics after = model.Engine.Statistics;
        model.Engine.Use(pass => pass.Trace = null);
        double steps = after.Steps - before.Steps;
        double time = (after.Time - before.Time).TotalMicroseconds / steps, overhead = (after.Overhead - before.Overhead).TotalMicroseconds / steps;
        if (trace is null)
            return new() { ["a step, wall"] = wall / steps, ["all computing"] = time - overhead, ["planning and publishing"] = overhead, ["between steps"] = (wall / steps) - time };

        // Of each operation of a step the quickest tenth: what other programs take is no part of it.
        var parts = trace.Operations.Where(operation => operation.Rows == crowd)
            .GroupBy(operation => (operation.Kind, operation.Name))
            .Select(group => (group.Key.Kind, Time: group.Select(operation => operation.Time.TotalMicroseconds).Order().ElementAt(group.Count() / 10) * Math.Round(group.Count() / steps)))
            .GroupBy(part => part.Kind).ToDictionary(group => $"  {group.Key}", group => group.Sum(part => part.Time));
        parts["all operations"] = parts.Values.Sum();
        return parts;
    }
}
