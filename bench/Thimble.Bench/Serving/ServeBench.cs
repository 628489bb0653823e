using System.Diagnostics;
using Thimble.Scheduling;

namespace Thimble.Bench;

/// <summary>Many chats at once: throughput, times to the first token and between tokens, what batching and shared beginnings gain, and what planning costs.</summary>
internal static class ServeBench
{
    private const int Written = 64;

    private static readonly string s_shared = string.Concat(Enumerable.Repeat("Once there was a big red ball and a small dog who liked to play. ", 18));

    public static async Task Run(string[] args)
    {
        int[] crowds = args.Length > 1 ? [.. args[1..].Select(int.Parse)] : [1, 4, 16, 64];
        using Model model = Open(args);
        Console.WriteLine($"{model.Name}: chats of about 12 prompt tokens and {Written} written, greedy");
        await Chats(model, 2, 4);
        double alone = 0;
        foreach (int crowd in crowds)
        {
            EngineStatistics before = model.Engine.Statistics;
            (double seconds, List<double> first, List<double> between) = await Chats(model, crowd, Math.Max(8, crowd * 2));
            EngineStatistics after = model.Engine.Statistics;
            double rate = Math.Max(8, crowd * 2) * Written / seconds;
            alone = alone == 0 ? rate : alone;
            Console.WriteLine(
                $"{crowd,3} at once: {rate,7:F0} tokens/s ({rate / alone:F2} of one at a time{(crowd == 16 ? ", goal 4" : "")}), first token {Times(first)} ms, between tokens {Times(between)} ms (p50 / p95 / p99), " +
                $"{(after.PromptTokens + after.WrittenTokens - before.PromptTokens - before.WrittenTokens) / (double)(after.Steps - before.Steps):F1} rows a step, " +
                $"planning {(after.Overhead - before.Overhead) / (after.Time - before.Time):P2} of step time (goal below 3 %)");
        }

        await Prefixes(args);
    }

    /// <summary>Chats that follow one another, so many at a time.</summary>
    private static async Task<(double Seconds, List<double> First, List<double> Between)> Chats(Model model, int crowd, int chats)
    {
        List<double> first = [], between = [];
        int next = 0;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, crowd).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i <= chats; i = Interlocked.Increment(ref next))
            {
                List<double> times = await Chat(model, $"{i} cats and {i * 7 % 13} dogs went out. Then they");
                lock (first)
                {
                    first.Add(times[0]);
                    between.AddRange(times.Skip(1));
                }
            }
        })));
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, first, between);
    }

    /// <summary>Milliseconds before each token of a chat.</summary>
    private static async Task<List<double>> Chat(Model model, string prompt)
    {
        List<double> times = [];
        long last = Stopwatch.GetTimestamp();
        await foreach (GeneratedToken _ in model.Generate(prompt, new() { MaxTokens = Written, IgnoreEnd = true, Sampling = SamplingOptions.Greedy }).Tokens())
        {
            times.Add(Stopwatch.GetElapsedTime(last).TotalMilliseconds);
            last = Stopwatch.GetTimestamp();
        }

        return times;
    }

    /// <summary>First-token times with and without a known beginning, beside the share of the prompt that is left to compute.</summary>
    private static async Task Prefixes(string[] args)
    {
        using Model model = Open(args);
        List<double> cold = [], warm = [];
        double left = 0;
        for (int i = 0; i < 9; i++)
        {
            foreach (List<double> times in (List<double>[])[cold, warm])
            {
                Generation generation = model.Generate($"{s_shared}{(ReferenceEquals(times, cold) ? "Tom" : "Then Sue")} saw", new() { MaxTokens = 1, Tenant = $"{i}", Sampling = SamplingOptions.Greedy });
                await generation.TextAsync();
                times.Add(generation.Timings.FirstToken.TotalMilliseconds);
                left = (double)(generation.PromptTokens - generation.CachedTokens) / generation.PromptTokens;
            }
        }

        double gained = Median(warm) / Median(cold);
        Console.WriteLine($"known beginning: first token {Median(cold):F2} ms cold, {Median(warm):F2} ms warm: {gained:P1} of the time, {left:P1} of the prompt left to compute");
    }

    private static Model Open(string[] args) => args.Length > 0 && args[0] != "default" ? Model.Open(args[0]) : Model.OpenDefault();

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static string Times(List<double> times)
    {
        double[] sorted = [.. times.Order()];
        return $"{At(0.5):F2} / {At(0.95):F2} / {At(0.99):F2}";

        double At(double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }
}
