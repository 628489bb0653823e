using System.Diagnostics;
using Thimble.Scheduling;

namespace Thimble.Bench;

/// <summary>Many chats at once: throughput, times to the first token and between tokens, what batching and shared beginnings gain, what planning costs; and memory over very many requests.</summary>
/// <remarks><c>serve all</c> prints all of it, for the small model and for half a billion random weights, in less than ten minutes.</remarks>
internal static class ServeBench
{
    private const int Rounds = 3;

    public static async Task Run(string[] args)
    {
        if (args is ["all"])
        {
            await Crowds(() => Model.OpenDefault(), [1, 4, 16, 64], written: 64, chats: 48);
            await Crowds(() => Model.Open(RandomModel.Make(), new() { CacheTokens = 64 * 256 }), [1, 4, 16, 64], written: 12, chats: 1);
            await SteadyBench.Run(["100000"]);
            return;
        }

        int[] crowds = args.Length > 1 ? [.. args[1..].Select(int.Parse)] : [1, 4, 16, 64];
        bool random = args is ["random", ..];
        await Crowds(() => Open(args), crowds, random ? 12 : 64, random ? 1 : 48);
    }

    private static Model Open(string[] args) => args switch
    {
        [] or ["default", ..] => Model.OpenDefault(),
        ["random", ..] => Model.Open(RandomModel.Make(), new() { CacheTokens = 64 * 256 }),
        _ => Model.Open(args[0]),
    };

    /// <summary>Chats, so many at once, in rounds that take turns, so that what else the machine does meets all alike.</summary>
    private static async Task Crowds(Func<Model> open, int[] crowds, int written, int chats)
    {
        using (Model model = open())
        {
            Console.WriteLine($"{model.Name}: chats of about 12 prompt tokens and {written} written, greedy; medians of {Rounds} rounds");
            await Chats(model, crowds[^1], crowds[^1], written);
            Dictionary<int, List<Crowd>> all = crowds.ToDictionary(crowd => crowd, _ => new List<Crowd>());
            for (int round = 0; round < Rounds; round++)
            {
                foreach (int crowd in crowds)
                    all[crowd].Add(await Chats(model, crowd, Math.Max(chats, crowd), written));
            }

            double alone = Median(all[crowds[0]].Select(one => one.Rate));
            foreach ((int crowd, List<Crowd> rounds) in all)
            {
                double rate = Median(rounds.Select(one => one.Rate));
                Console.WriteLine(
                    $"{crowd,3} at once: {rate,7:F1} tokens/s ({rate / alone:F2} of {crowds[0]} at a time{(crowd == 16 ? ", goal 4" : "")}), first token {Times(rounds.SelectMany(one => one.First))} ms, " +
                    $"between tokens {Times(rounds.SelectMany(one => one.Between))} ms (p50 / p95 / p99), {Median(rounds.Select(one => one.Rows)):F1} rows a step, planning {Median(rounds.Select(one => one.Overhead)):P2} of step time (goal below 3 %)");
            }
        }

        await Prefixes(open, written);
    }

    /// <summary>Chats that follow one another, so many at a time.</summary>
    private static async Task<Crowd> Chats(Model model, int crowd, int chats, int written)
    {
        List<double> first = [], between = [];
        int next = 0;
        EngineStatistics before = model.Engine.Statistics;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, crowd).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i <= chats; i = Interlocked.Increment(ref next))
            {
                List<double> times = await Chat(model, $"{i} cats and {i * 7 % 13} dogs went out. Then they", written);
                lock (first)
                {
                    first.Add(times[0]);
                    between.AddRange(times.Skip(1));
                }
            }
        })));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        EngineStatistics after = model.Engine.Statistics;
        long rows = after.PromptTokens + after.WrittenTokens - before.PromptTokens - before.WrittenTokens;
        return new(chats * written / seconds, first, between, rows / (double)(after.Steps - before.Steps), (after.Overhead - before.Overhead) / (after.Time - before.Time));
    }

    /// <summary>Milliseconds before each token of a chat.</summary>
    private static async Task<List<double>> Chat(Model model, string prompt, int written)
    {
        List<double> times = [];
        long last = Stopwatch.GetTimestamp();
        await foreach (GeneratedToken _ in model.Generate(prompt, new() { MaxTokens = written, IgnoreEnd = true, Sampling = SamplingOptions.Greedy }).Tokens())
        {
            times.Add(Stopwatch.GetElapsedTime(last).TotalMilliseconds);
            last = Stopwatch.GetTimestamp();
        }

        return times;
    }

    /// <summary>First-token times with and without a known beginning, beside the share of the prompt that is left to compute.</summary>
    private static async Task Prefixes(Func<Model> open, int written)
    {
        using Model model = open();
        int repeats = written > 20 ? 18 : 10, rounds = written > 20 ? 15 : 3;
        string shared = string.Concat(Enumerable.Repeat("Once there was a big red ball and a small dog who liked to play. ", repeats));
        List<double> cold = [], warm = [];
        double left = 0;
        for (int i = 0; i < rounds; i++)
        {
            foreach (List<double> times in (List<double>[])[cold, warm])
            {
                Generation generation = model.Generate($"{shared}{(ReferenceEquals(times, cold) ? "Tom" : "Then Sue")} saw", new() { MaxTokens = 1, Tenant = $"{i}", Sampling = SamplingOptions.Greedy });
                await generation.TextAsync();
                times.Add(generation.Timings.FirstToken.TotalMilliseconds);
                left = (double)(generation.PromptTokens - generation.CachedTokens) / generation.PromptTokens;
            }
        }

        Console.WriteLine($"known beginning: first token {Median(cold):F2} ms cold, {Median(warm):F2} ms warm: {Median(warm) / Median(cold):P1} of the time, {left:P1} of the prompt left to compute");
    }

    private static double Median(IEnumerable<double> times) => times.Order().ElementAt(times.Count() / 2);

    private static string Times(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        return $"{At(0.5):F2} / {At(0.95):F2} / {At(0.99):F2}";

        double At(double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }

    private sealed record Crowd(double Rate, List<double> First, List<double> Between, double Rows, double Overhead);
}
