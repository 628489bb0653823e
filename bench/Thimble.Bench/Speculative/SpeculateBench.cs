using System.Diagnostics;
using System.Text.Json;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.States;

namespace Thimble.Bench;

/// <summary>What drafts are worth: the cost of runs by their width, tokens taken by drafter and kind of text, and speed against plain decoding.</summary>
internal static class SpeculateBench
{
    private static readonly string[] s_stories =
    [
        "Once upon a time there was a", "The dog ran to the park and", "Lily and Tom were playing with", "One day, a little bird",
        "The cat was sad because", "Mom said it was time to", "There was a big red ball. The big red", "In the forest, a bear",
    ];

    public static async Task Run(string[] args)
    {
        switch (args)
        {
            case ["cost", var model, .. var formats]:
                Cost(model, formats);
                break;
            case ["text", var model, var draft, .. var rest]:
                await Text(model, draft, rest);
                break;
            default:
                Console.Error.WriteLine("usage: speculate cost MODEL [FORMATS] | text MODEL auto|lookup|DRAFTER [MEGABYTES] [SPEC-BENCH]");
                break;
        }
    }

    /// <summary>A run of k tokens against a run of one, in one process and in turns.</summary>
    private static void Cost(string path, string[] formats)
    {
        int[] widths = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
        Console.WriteLine($"| format | {string.Join(" | ", widths)} |");
        foreach (string format in formats is [] ? ["Q4_0", "Q8_0", "F16"] : formats)
        {
            using ModelFile file = PaddedModel.Of(ModelFile.Open(path), 96, format);
            using var team = new Team(Cores.Best, pinned: true);
            Decoder decoder = Architectures.Build(new Blueprint(file, new Opening(Precision.Bytes, team)) { Context = 512 });
            using var states = new StatePool(decoder.States, 4096, CellFormat.Named("F16"));
            using var pass = new Pass(team);
            double[][] times = [.. widths.Select(_ => new double[15])];
            for (int round = -2; round < 15; round++)
            {
                for (int i = 0; i < widths.Length; i++)
                {
                    double time = Time(decoder, states, pass, widths[i]);
                    if (round >= 0)
                        times[i][round] = time;
                }
            }

            double[] medians = [.. times.Select(time => time.Order().ElementAt(time.Length / 2))];
            Console.WriteLine($"| {format} ({medians[0] * 1e3:F2} ms) | {string.Join(" | ", medians.Select(median => $"{median / medians[0]:F2}"))} |");
        }
    }

    private static double Time(Decoder decoder, StatePool states, Pass pass, int width)
    {
        using var text = new SequenceState(states);
        pass.Clear();
        pass.Scratch.Reset();
        pass.Add(text, new int[width], width);
        long start = Stopwatch.GetTimestamp();
        decoder.Head!.Apply(pass, decoder.Forward(pass));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Texts with and without drafts, in turns, greedy and sampled.</summary>
    private static async Task Text(string path, string draft, string[] rest)
    {
        int megabytes = rest.Length > 0 ? int.Parse(rest[0]) : 96;
        (string Kind, string[] Prompts)[] kinds = [("stories", s_stories), .. rest.Length > 1 ? SpecBench(rest[1]) : []];
        using var plain = Model.Open(PaddedModel.Of(ModelFile.Open(path), megabytes, "Q8_0"), new());
        using var drafted = Model.Open(PaddedModel.Of(ModelFile.Open(path), megabytes, "Q8_0"), new() { Draft = draft });
        Console.WriteLine("| texts | sampling | plain tokens/s | drafted tokens/s | speed-up | tokens a guessing step | drafted | taken |");
        foreach ((string kind, string[] prompts) in kinds)
        {
            foreach (SamplingOptions sampling in (SamplingOptions[])[SamplingOptions.Greedy, new() { Seed = 7 }])
            {
                (double Time, int Tokens) one = default, two = default;
                (int Steps, int Drafted, int Accepted) counts = default;
                foreach (string prompt in prompts)
                {
                    GenerationOptions options = new() { MaxTokens = 160, IgnoreEnd = true, Sampling = sampling };
                    Generation a = plain.Generate(prompt, options);
                    string first = await a.TextAsync();
                    Generation b = drafted.Generate(prompt, options);
                    if (first != await b.TextAsync())
                        Console.WriteLine($"NOT THE SAME TEXT: {prompt}");
                    one = (one.Time + a.Timings.Decode.TotalSeconds, one.Tokens + a.Timings.GeneratedTokens - 1);
                    two = (two.Time + b.Timings.Decode.TotalSeconds, two.Tokens + b.Timings.GeneratedTokens - 1);
                    counts = (counts.Steps + b.Drafts.Steps, counts.Drafted + b.Drafts.Drafted, counts.Accepted + b.Drafts.Accepted);
                }

                double before = one.Tokens / one.Time, after = two.Tokens / two.Time;
                Console.WriteLine(
                    $"| {kind} | {(sampling.IsGreedy ? "greedy" : "0.8")} | {before:F1} | {after:F1} | {after / before:F2} | " +
                    $"{1 + (counts.Accepted / Math.Max(1.0, counts.Steps)):F2} | {counts.Drafted} | {counts.Accepted} |");
            }
        }
    }

    /// <summary>A few prompts of each kind.</summary>
    private static (string Kind, string[] Prompts)[] SpecBench(string path) =>
    [
        .. File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement)
            .GroupBy(entry => entry.GetProperty("category").GetString()!)
            .Select(kind => (kind.Key, kind.Take(3).Select(entry => Cut(entry.GetProperty("turns")[0].GetString()!)).ToArray())),
    ];

    private static string Cut(string text) => text.Length > 600 ? text[..600] : text;
}
