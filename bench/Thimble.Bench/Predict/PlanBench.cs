using System.Globalization;
using Thimble.Models.Files;
using Thimble.Planning;

namespace Thimble.Bench;

/// <summary>The plan that is chosen against the best that is found by trying all that lose as little: threads and prompt chunks.</summary>
/// <remarks>Weights are packed in all of them: as they lie, zeros that nobody wrote share one page, and reading it would cost nothing.</remarks>
internal static class PlanBench
{
    private const int Prompt = 256, Written = 128;

    public static void Run(string[] args)
    {
        string profile = args.Length > 0 ? args[0] : Machine.DefaultPath;
        var machine = Machine.Load(profile);
        double worst = 0;
        foreach (string shape in (string[])["llama-15m", "llama-110m", "smollm2-135m"])
        {
            foreach (string format in (string[])["F16", "Q8_0", "Q4_0"])
            {
                foreach (int users in (int[])[1, 4])
                {
                    using ModelFile file = new RunCase(shape, format, 1, 1, 1, false).File();
                    Plan plan = Planner.Plan(file, new() { Machine = machine, Users = users, Context = Prompt + Written, Prompt = Prompt, Formats = [], CacheFormat = "F16" }).Required();
                    (string Way, double Seconds)[] ways = [.. Ways(file, users, machine.Cores.Count).OrderBy(way => way.Seconds)];
                    double chosen = ways.First(way => way.Way == Name(plan.Threads, plan.PrefillChunk)).Seconds, lost = (chosen / ways[0].Seconds) - 1;
                    worst = Math.Max(worst, lost);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{shape} {format}, {users} users: planned {Name(plan.Threads, plan.PrefillChunk)}, {1e3 * chosen:F1} ms; best of {ways.Length} tried is {ways[0].Way}, {1e3 * ways[0].Seconds:F1} ms: {lost:P0} lost; worst tried {ways[^1].Seconds / ways[0].Seconds:F1} times the best"));
                }
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"at most {worst:P0} lost (goal 10 %)"));
    }

    /// <summary>The time of a prompt and an answer, each way: medians of rounds in which all ways take turns.</summary>
    private static IEnumerable<(string Way, double Seconds)> Ways(ModelFile file, int users, int cores)
    {
        Dictionary<string, List<double>> times = [];
        using var bench = new Workbench(file, cores, Prompt + Written);
        for (int round = 0; round < 4; round++)   // the first warms up
        {
            foreach (int threads in Enumerable.Range(1, cores))
            {
                bench.Threads = threads;
                double each = RunCase.DecodeSeconds(bench, users, Prompt + Written - 9);
                foreach (int chunk in (int[])[512, 128, 32])
                {
                    string name = Name(threads, chunk);
                    if (!times.TryGetValue(name, out List<double>? seconds))
                        times.Add(name, seconds = []);
                    if (round > 0)
                        seconds.Add(RunCase.PromptSeconds(bench, Prompt, chunk) + (Written * each / users));
                }
            }
        }

        return times.Select(pair => (pair.Key, pair.Value.Order().ElementAt(pair.Value.Count / 2)));
    }

    private static string Name(int threads, int chunk) => $"{threads} threads, chunks of {chunk}";
}
