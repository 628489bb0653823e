namespace Thimble.Bench;

/// <summary>Whole texts with drafts and without, by drafter and kind of text, on a trained model blown up until memory is the bound.</summary>
internal static class TextsCase
{
    /// <summary>Prints a table.</summary>
    /// <param name="path">The model that is blown up.</param>
    /// <param name="drafters">Who guesses.</param>
    /// <param name="megabytes">Millions of bytes that the model takes; 0 for the model as it is.</param>
    /// <param name="questions">A question.jsonl; null for stories alone.</param>
    /// <param name="each">Texts of each kind.</param>
    /// <param name="tokens">Tokens of a text.</param>
    public static async Task Run(string path, string[] drafters, int megabytes, string? questions, int each, int tokens)
    {
        (string Kind, string[] Texts)[] kinds = [("stories", [.. Prompts.Stories(4 * each)]), .. Prompts.Questions(questions, each)];
        Console.WriteLine("| drafter | texts | sampling | plain tokens/s | drafted tokens/s | speed-up (A B A B) | its median by text | tokens a guessing step | tokens a step | drafted | accepted |");
        foreach (string drafter in drafters)
        {
            ModelOptions options = new() { Draft = drafter };
            using Model model = megabytes > 0 ? Model.Open(PaddedModel.Of(Models.Files.ModelFile.Open(path), megabytes, "Q8_0"), options) : Model.Open(path, options);
            await WarmUp(model);
            Sums all = new();
            bool draftsFirst = true;
            foreach ((string kind, string[] texts) in kinds)
            {
                foreach (SamplingOptions sampling in (SamplingOptions[])(kind == "stories" ? [SamplingOptions.Greedy, new() { Seed = 7 }] : [SamplingOptions.Greedy]))
                {
                    Sums sums = new();
                    foreach (string text in sampling.IsGreedy ? texts : texts.Reverse())
                        await Compare(model, text, new() { MaxTokens = tokens, IgnoreEnd = true, Sampling = sampling }, draftsFirst = !draftsFirst, sums);
                    Print(Path.GetFileName(drafter), kind, sampling.IsGreedy ? "greedy" : "0.8", sums);
                    all.Add(sums);
                }
            }

            if (kinds.Length > 1)
                Print(Path.GetFileName(drafter), "all", "", all);
        }
    }

    /// <summary>Writes until all code is compiled as well as it will be.</summary>
    private static async Task WarmUp(Model model)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        for (bool drafts = false; System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds < 2; drafts = !drafts)
            await Written(model, "A big dog and a big cat. A big dog and a big cat. A big dog and a", new() { MaxTokens = 96, IgnoreEnd = true, Drafts = drafts });
    }

    /// <summary>A text in both ways, once each: a second time the drafter would remember it.</summary>
    private static async Task Compare(Model model, string text, GenerationOptions options, bool draftsFirst, Sums sums)
    {
        string? first = null;
        foreach (bool drafts in (bool[])[draftsFirst, !draftsFirst])
        {
            (string written, Generation generation) = await Written(model, text, options with { Drafts = drafts });
            first ??= written;
            if (written != first)
                Console.WriteLine($"NOT THE SAME TEXT: {text}");
            sums.Add(drafts, generation);
        }

        sums.Pair();
    }

    private static async Task<(string, Generation)> Written(Model model, string text, GenerationOptions options)
    {
        Generation generation = model.Generate(text, options);
        return (await generation.TextAsync(), generation);
    }

    private static void Print(string drafter, string kind, string sampling, Sums sums) => Console.WriteLine(
        $"| {drafter} | {kind} | {sampling} | {sums.Plain:F1} | {sums.Drafted:F1} | {sums.Drafted / sums.Plain:F2} | {sums.Median:F2} | {1 + (sums.Accepted / Math.Max(1.0, sums.Steps)):F2} | " +
        $"{sums.Tokens / Math.Max(1.0, sums.Tokens - sums.Accepted):F2} | {sums.Guesses} | {sums.Accepted} |");

    private sealed class Sums
    {
        private readonly List<double> _pairs = [];
        private double _plainSeconds, _draftedSeconds, _lastPlain, _lastDrafted;
        private int _plainTokens;

        public int Tokens { get; private set; }

        public int Steps { get; private set; }

        public int Guesses { get; private set; }

        public int Accepted { get; private set; }

        public double Plain => _plainTokens / _plainSeconds;

        public double Drafted => Tokens / _draftedSeconds;

        /// <summary>The median of all texts' speed-ups.</summary>
        public double Median => _pairs.Order().ElementAt(_pairs.Count / 2);

        /// <summary>Both ways of a text have been added.</summary>
        public void Pair() => _pairs.Add(_lastDrafted / _lastPlain);

        public void Add(bool drafts, Generation generation)
        {
            (double seconds, int tokens) = (generation.Timings.Decode.TotalSeconds, generation.Timings.GeneratedTokens - 1);
            (_lastPlain, _lastDrafted) = drafts ? (_lastPlain, tokens / seconds) : (tokens / seconds, _lastDrafted);
            if (!drafts)
            {
                (_plainSeconds, _plainTokens) = (_plainSeconds + seconds, _plainTokens + tokens);
                return;
            }

            (_draftedSeconds, Tokens) = (_draftedSeconds + seconds, Tokens + tokens);
            (Steps, Guesses, Accepted) = (Steps + generation.Drafts.Steps, Guesses + generation.Drafts.Drafted, Accepted + generation.Drafts.Accepted);
        }

        public void Add(Sums other)
        {
            _pairs.AddRange(other._pairs);
            (_plainSeconds, _plainTokens) = (_plainSeconds + other._plainSeconds, _plainTokens + other._plainTokens);
            (_draftedSeconds, Tokens) = (_draftedSeconds + other._draftedSeconds, Tokens + other.Tokens);
            (Steps, Guesses, Accepted) = (Steps + other.Steps, Guesses + other.Guesses, Accepted + other.Accepted);
        }
    }
}
