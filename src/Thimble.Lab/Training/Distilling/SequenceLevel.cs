using Thimble.Models.Tokens;

namespace Thimble.Lab.Training;

/// <summary>Texts that a teacher writes behind the beginnings of given ones, to be learnt token by token; its tokenizer may be another.</summary>
/// <remarks>Source: Kim and Rush, "Sequence-Level Knowledge Distillation", 2016, section 3.2; drawn, not searched for.</remarks>
internal static class SequenceLevel
{
    private const int AtOnce = 16;

    /// <summary>Has the teacher write.</summary>
    /// <param name="options">Who writes, and how much.</param>
    /// <param name="samples">The given texts.</param>
    /// <param name="tokenizer">The student's.</param>
    /// <param name="seed">Names what is drawn.</param>
    /// <returns>A text for each of those given, of which what was written is learnt.</returns>
    public static async Task<List<Sample>> WriteAsync(DistillationOptions options, IReadOnlyList<Sample> samples, Tokenizer tokenizer, int seed)
    {
        using var teacher = Model.Open(options.Teacher, new() { MaxSequences = AtOnce });
        List<Sample> written = [];
        foreach ((int Index, Sample Item)[] some in samples.Index().Chunk(AtOnce))
        {
            Sample?[] answers = await Task.WhenAll(some.Select(one => OneAsync(teacher, options, one.Item, tokenizer, unchecked((ulong)(seed * 1_000_003L) + (ulong)one.Index)))).ConfigureAwait(false);
            written.AddRange(answers.OfType<Sample>());
        }

        return written;
    }

    private static async Task<Sample?> OneAsync(Model teacher, DistillationOptions options, Sample sample, Tokenizer tokenizer, ulong seed)
    {
        int learnt = sample.Learnt is null ? 1 : Math.Max(1, Array.IndexOf(sample.Learnt, true));
        int kept = Math.Min(sample.Tokens.Length - 1, Math.Max(options.Prompt, learnt));
        int[] prompt = sample.Tokens[..kept];
        Generation generation = teacher.Generate(
            tokenizer.Decode(prompt, special: false),
            new() { MaxTokens = options.Tokens, Sampling = new() { Temperature = options.Temperature, Seed = seed } });
        string text = await generation.TextAsync().ConfigureAwait(false);
        List<int> ids = [.. prompt, .. tokenizer.Encode(text, addSpecial: false)];
        if (generation.FinishReason == FinishReason.EndOfText && tokenizer.EndOfText is { } end)
            ids.Add(end);
        return ids.Count > kept ? new Sample([.. ids], [.. Enumerable.Range(0, ids.Count).Select(i => i >= kept)]) : null;
    }
}
