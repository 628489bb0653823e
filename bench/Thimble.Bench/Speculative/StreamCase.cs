using Thimble.Compute.Threads;
using Thimble.Lab.Training;
using Thimble.Models.Architectures;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Bench;

/// <summary>OmniDraft over a stream of prompts in four stages: direct tokens only, with the n-gram cache, with distillation, with the adaptive head.</summary>
internal static class StreamCase
{
    private const int Window = 25, Tokens = 48, Room = 6;

    /// <summary>Prints a table.</summary>
    /// <param name="target">The large model.</param>
    /// <param name="draft">The small one, of another vocabulary.</param>
    /// <param name="prompts">How many.</param>
    /// <param name="rate">How far a step of the training goes.</param>
    /// <param name="each">Steps of it for every stretch of text.</param>
    /// <param name="only">Stages, from 0 on; empty for all.</param>
    public static void Run(string target, string draft, int prompts, float rate, int each, string[] only)
    {
        using var file = ModelFile.Open(target);
        var tokenizer = Tokenizer.From(file.Metadata);
        using var team = new Team(Cores.Best, pinned: true);
        Decoder decoder = Architectures.Build(new Blueprint(file, new Compute.Memory.Opening(Compute.Memory.Precision.Bytes, team)) { Context = 512 });
        using var scribe = new Scribe(decoder, team, 512);
        int[][] texts = [.. Prompts.Stories(prompts).Select(prompt => tokenizer.Encode(prompt))];
        int[][] plain = [.. texts.Select(text => scribe.Write(text, Tokens, SamplingOptions.Greedy))];
        Console.WriteLine($"| stage | {string.Join(" | ", Enumerable.Range(1, prompts / Window).Select(window => $"to {window * Window}"))} | tokens a run | cache hits | cache | not the plain text |");
        (string Name, bool Merges, bool Learns, bool Adapts, bool Marginal)[] stages =
        [
            ("direct", false, false, false, true), ("+ cache", true, false, false, true), ("+ distillation, as published", true, true, false, false),
            ("+ distillation", true, true, false, true), ("+ head", true, true, true, true),
        ];
        foreach ((string name, bool merges, bool learns, bool adapts, bool marginal) in stages.Where((_, i) => only.Length == 0 || only.Contains($"{i}")))
        {
            using var small = ModelFile.Open(draft);
            using var learner = new StreamDistillation(small, null, 512, team, rate) { StepsEach = each };
            var memory = new OmniDraft.Memory(tokenizer, learner.Model) { Distillation = learns ? learner : null, Marginal = marginal };
            List<string> shares = [];
            (int drafted, int accepted, int wrong) = (0, 0, 0);
            scribe.Reset();
            for (int i = 0; i < texts.Length; i++)
            {
                using (var speculation = new Speculation(new OmniDraft(learner.Model, memory) { Merges = merges, Adapts = adapts }, Scribe.Fixed(Room)))
                {
                    wrong += scribe.Write(texts[i], Tokens, SamplingOptions.Greedy, speculation).SequenceEqual(plain[i]) ? 0 : 1;
                    (drafted, accepted) = (drafted + speculation.Counts.Drafted, accepted + speculation.Counts.Accepted);
                }

                while (learner.Study())
                {
                    // all of it, as an idle machine would
                }

                if ((i + 1) % Window == 0)
                {
                    shares.Add($"{accepted / (double)Math.Max(1, drafted):F3}");
                    (drafted, accepted) = (0, 0);
                }
            }

            Console.WriteLine(
                $"| {name} | {string.Join(" | ", shares)} | {texts.Length * (Tokens - 1) / (double)scribe.Runs:F2} | " +
                $"{memory.Cache.Hits.Known / (double)Math.Max(1, memory.Cache.Hits.Asked):F3} | {memory.Cache.Count} | {wrong} |");
        }
    }
}
