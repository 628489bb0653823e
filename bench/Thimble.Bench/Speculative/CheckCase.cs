using System.Diagnostics;
using Thimble.Compute.Threads;
using Thimble.Models.Files;
using Thimble.Models.Tokens;
using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Bench;

/// <summary>Whether every drafter's texts are plain decoding's, token for token, over many prompts; and whether weighed guesses have the target's distribution.</summary>
internal static class CheckCase
{
    /// <summary>Prints a table.</summary>
    /// <param name="target">The model.</param>
    /// <param name="drafters">Who guesses, as <see cref="ModelOptions.Draft"/> takes it.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="tokens">Tokens of a text.</param>
    /// <returns>Whether all were right.</returns>
    public static async Task<bool> Run(string target, string[] drafters, string[] prompts, int tokens)
    {
        Console.WriteLine("| drafter | prompts | greedy texts alike | sampled texts alike | tokens a guessing step | drafted | accepted | seconds |");
        bool right = true;
        foreach (string drafter in drafters)
        {
            long start = Stopwatch.GetTimestamp();
            using var model = Model.Open(target, new() { Draft = drafter, DraftsAlways = true });
            int greedy = 0, sampled = 0;
            (int steps, int drafted, int accepted) = (0, 0, 0);
            for (int i = 0; i < prompts.Length; i++)
            {
                foreach (bool isGreedy in (bool[])[true, false])
                {
                    GenerationOptions options = new() { MaxTokens = tokens, IgnoreEnd = true, Sampling = isGreedy ? SamplingOptions.Greedy : new() { Seed = (ulong)i } };
                    (int[] plain, _) = await Written(model, prompts[i], options with { Drafts = false });
                    (int[] text, DraftStatistics drafts) = await Written(model, prompts[i], options);
                    bool same = plain.AsSpan().SequenceEqual(text);
                    (greedy, sampled) = (greedy + (isGreedy && same ? 1 : 0), sampled + (!isGreedy && same ? 1 : 0));
                    (steps, drafted, accepted) = (steps + drafts.Steps, drafted + drafts.Drafted, accepted + drafts.Accepted);
                }
            }

            right &= greedy == prompts.Length && sampled == prompts.Length;
            Console.WriteLine($"| {Path.GetFileName(drafter)} | {prompts.Length} | {greedy} | {sampled} | {1 + (accepted / Math.Max(1.0, steps)):F2} | {drafted} | {accepted} | {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} |");
        }

        return right;
    }

    /// <summary>The same for LLMCad, whose target streams from disk.</summary>
    public static bool Streamed(string target, string draft, string[] prompts, int tokens)
    {
        using var team = new Team(Cores.Best);
        using var file = ModelFile.Open(target);
        var tokenizer = Tokenizer.From(file.Metadata);
        using var stream = new LayerStream(file, Path.GetTempFileName(), 700_000, 512);
        using var scribe = new Scribe(stream.Decoder, team, 512);
        using var small = new DraftModel(ModelFile.Open(draft), team, 512);
        int same = 0;
        long runs = 0, start = Stopwatch.GetTimestamp();
        foreach (string prompt in prompts)
        {
            int[] text = tokenizer.Encode(prompt), plain = scribe.Write(text, tokens, SamplingOptions.Greedy);
            using var drafter = new LlmCad(small);
            stream.Idle = drafter.DraftAhead;
            using var speculation = new Speculation(drafter, Scribe.Fixed(24), ownsDrafter: false);
            int before = scribe.Runs;
            same += scribe.Write(text, tokens, SamplingOptions.Greedy, speculation).AsSpan().SequenceEqual(plain) ? 1 : 0;
            stream.Idle = null;
            runs += scribe.Runs - before;
        }

        Console.WriteLine($"| llmcad, streamed | {prompts.Length} | {same} | - | {prompts.Length * (tokens - 1) / (double)runs:F2} | - | - | {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} |");
        return same == prompts.Length;
    }

    /// <summary>Chi-square of the first two tokens of weighed texts against plain ones.</summary>
    /// <returns>Whether it is below its bound at 0.1 %.</returns>
    public static bool Distribution(string target, string draft, int texts)
    {
        using var team = new Team(Cores.Best);
        using var file = ModelFile.Open(target);
        var tokenizer = Tokenizer.From(file.Metadata);
        var decoder = Models.Architectures.Architectures.Build(new Models.Architectures.Blueprint(file, new Compute.Memory.Opening(Compute.Memory.Precision.Bytes, team)) { Context = 512 });
        using var scribe = new Scribe(decoder, team, 512);
        using var small = new DraftModel(ModelFile.Open(draft), team, 512);
        var memory = new OmniDraft.Memory(tokenizer, small);
        int[] prompt = tokenizer.Encode("Once upon a time there was a");
        double[] with = new double[16], without = new double[16];
        for (int i = 0; i < texts; i++)
        {
            SamplingOptions options = new() { TopK = 0, TopP = 1, MinP = 0, Temperature = 1, Seed = (ulong)i };
            using var speculation = new Speculation(new OmniDraft(small, memory) { Draws = true, Adapts = false }, Scribe.Fixed(5));
            Count(with, scribe.Write(prompt, 3, options, speculation));
            Count(without, scribe.Write(prompt, 3, options with { Seed = (ulong)i + 1_000_000 }));
        }

        double chi = with.Zip(without, (a, b) => a + b == 0 ? 0 : (a - b) * (a - b) / (a + b)).Sum();
        Console.WriteLine($"weighed guesses, {texts} texts of 3 tokens in 16 classes: chi-square {chi:F1} of 15 degrees (0.1 % lies at 37.7)");
        return chi < 37.7;
    }

    private static void Count(double[] classes, int[] tokens) => classes[((tokens[0] * 961) + (tokens[1] * 31) + tokens[2]) % classes.Length]++;

    private static async Task<(int[], DraftStatistics)> Written(Model model, string prompt, GenerationOptions options)
    {
        List<int> tokens = [];
        Generation generation = model.Generate(prompt, options);
        await foreach (GeneratedToken token in generation.Tokens())
            tokens.Add(token.Id);
        return ([.. tokens], generation.Drafts);
    }
}
