using System.Diagnostics;
using Thimble.Scheduling;

namespace Thimble.Bench;

/// <summary>Memory over very many short requests of many tenants, sixteen at once: managed and resident, and what the caches hold.</summary>
internal static class SteadyBench
{
    private const int Crowd = 16, Tenants = 5000;

    public static async Task Run(string[] args)
    {
        int requests = args.Length > 0 ? int.Parse(args[0]) : 100_000;
        using var model = Model.OpenDefault(new() { CacheTokens = 64 * 512 });
        Console.WriteLine($"{model.Name}: requests of about 6 prompt tokens and 2 written, {Crowd} at once, of {Tenants} tenants");
        int done = 0;
        long start = Stopwatch.GetTimestamp();
        foreach (int mark in (int[])[100, 1000, 10_000, 100_000, 1_000_000])
        {
            if (done < Math.Min(mark, requests))
                done = await Ask(model, done, Math.Min(mark, requests));
            else
                break;
            Tell(model, done, start);
        }
    }

    private static async Task<int> Ask(Model model, int from, int to)
    {
        int next = from;
        await Task.WhenAll(Enumerable.Range(0, Crowd).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i <= to; i = Interlocked.Increment(ref next))
                await model.Generate($"{i} cats and {i % 97} dogs", new() { MaxTokens = 2, IgnoreEnd = true, Tenant = $"{i % Tenants}", Sampling = new() { Seed = (ulong)i } }).TextAsync();
        })));
        return to;
    }

    private static void Tell(Model model, int done, long start)
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        using var self = Process.GetCurrentProcess();
        EngineStatistics engine = model.Engine.Statistics;
        Console.WriteLine(
            $"{done,8} requests in {Stopwatch.GetElapsedTime(start).TotalSeconds,6:F1} s: {GC.GetTotalMemory(true) / 1e6,6:F2} MB managed, {self.WorkingSet64 / 1e6,6:F1} MB resident, " +
            $"{engine.UsedPages} pages used ({engine.PrefixPages} kept beginnings), {self.Threads.Count} threads");
    }
}
