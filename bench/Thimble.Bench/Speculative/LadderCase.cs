using Thimble.Compute.Threads;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Bench;

/// <summary>LLMCad's ladder: a large model streamed from disk alone, with a chain of four guesses, with trees of fixed sizes, with a threshold that adapts, and with
/// drafting that goes on while the disk reads.</summary>
internal static class LadderCase
{
    private const int Tokens = 32;

    /// <summary>Prints a table.</summary>
    /// <param name="target">The model that is blown up and streamed.</param>
    /// <param name="draft">The small model of the same vocabulary.</param>
    /// <param name="megabytes">Millions of bytes that the target takes.</param>
    /// <param name="budget">Millions of bytes that its layers may take in memory.</param>
    /// <param name="rate">Millions of bytes a second that the disk gives; 0 for what it gives, read from the disk itself each time.</param>
    public static void Run(string target, string draft, int megabytes, int budget, int rate)
    {
        using ModelFile file = PaddedModel.Of(ModelFile.Open(target), megabytes, "Q8_0");
        var tokenizer = Tokenizer.From(file.Metadata);
        using var team = new Team(Cores.Best, pinned: true);
        string layers = Path.Combine(Path.GetTempPath(), $"thimble-layers-{Environment.ProcessId}");
        using var stream = new LayerStream(file, layers, budget * 1_000_000L, 512) { BytesPerSecond = rate * 1_000_000L, ForgetsPages = true };
        using var scribe = new Scribe(stream.Decoder, team, 512);
        using var small = new DraftModel(ModelFile.Open(draft), team, 512);
        Console.WriteLine($"{megabytes} MB, of which {stream.BytesHeld / 1e6:F0} MB of layers in memory ({stream.ResidentLayers} stay), disk {(rate > 0 ? $"{rate} MB/s" : "as it is")}");
        Console.WriteLine("| step | prompts | tokens/s | against streaming alone | MB read a token | tokens a run | drafted ahead | not the plain text |");
        (string Name, int Most, bool Branches, bool Adapts, bool Weighs, bool GoesOn)[] steps =
        [
            ("streaming alone", 0, false, false, false, false), ("chain of 4", 4, false, false, false, false), ("tree of 8", 8, true, false, false, false),
            ("tree of 16", 16, true, false, false, false), ("tree of 32", 32, true, false, false, false), ("16 + threshold", 16, true, true, false, false),
            ("16 + threshold by cost", 16, true, true, true, false), ("16 + drafting ahead", 16, true, true, true, true),
        ];
        (string Kind, int[][] Texts)[] kinds =
        [
            ("easy", [.. Prompts.Stories(3).Select(text => tokenizer.Encode(text))]),
            ("hard", [.. ((string[])["The committee of 1987 resolved that article 14", "Photosynthesis converts", "def quicksort(values):"]).Select(text => tokenizer.Encode(text))]),
        ];
        Dictionary<string, (double Speed, int[][] Texts)> alone = [];
        foreach ((string name, int most, bool branches, bool adapts, bool weighs, bool goesOn) in steps)
        {
            foreach ((string kind, int[][] texts) in kinds)
            {
                scribe.Reset();
                long bytes = stream.BytesRead, ahead = 0;
                List<int[]> written = [];
                foreach (int[] text in texts)
                {
                    using var drafter = new LlmCad(small) { Adapts = adapts, GoesOn = goesOn, IsPaced = adapts, WeighsCost = weighs };
                    stream.Idle = goesOn ? drafter.DraftAhead : null;
                    using var speculation = most == 0 ? null : new Speculation(drafter, Scribe.Fixed(most), ownsDrafter: false);
                    written.Add(scribe.Write(text, Tokens, SamplingOptions.Greedy, speculation, branches));
                    stream.Idle = null;
                    ahead += drafter.Counts.Ahead;
                }

                double tokens = texts.Length * (Tokens - 1), speed = tokens / scribe.Time.TotalSeconds;
                if (most == 0)
                    alone[kind] = (speed, [.. written]);
                int wrong = written.Zip(alone[kind].Texts).Count(pair => !pair.First.SequenceEqual(pair.Second));
                Console.WriteLine(
                    $"| {name} | {kind} | {speed:F2} | {speed / alone[kind].Speed:F2}x | {(stream.BytesRead - bytes) / 1e6 / (texts.Length * Tokens):F1} | {tokens / scribe.Runs:F2} | {ahead} | {wrong} |");
            }
        }
    }
}
