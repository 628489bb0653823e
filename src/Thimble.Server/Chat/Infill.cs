using Thimble.Server.Http;

namespace Thimble.Server.Chat;

/// <summary>Prompts for what stands between a beginning and an end, by the marks that code models were trained on.</summary>
/// <remarks>Source: Bavarian et al., "Efficient Training of Language Models to Fill in the Middle", 2022, section 3: prefix, suffix, middle.</remarks>
internal static class Infill
{
    private const string Key = "tokenizer.ggml.fim_";

    private static readonly string[]
        s_prefixes = ["<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>", "<|prefix|>"],
        s_suffixes = ["<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>", "<|code_suffix|>", "<|suffix|>"],
        s_middles = ["<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "<|code_middle|>", "<|middle|>"],
        s_files = ["<|file_sep|>"];

    /// <summary>The prompt, in tokens, with nothing left out.</summary>
    /// <exception cref="Rejection">The model has no marks for that, or it does not fit.</exception>
    public static int[] Whole(Model model, string prefix, string suffix, ServerOptions options, string field)
    {
        int[] tokens = Tokens(model, prefix, suffix, [], int.MaxValue);
        int room = Math.Min(model.ContextLength - 1, options.MaxPromptTokens ?? int.MaxValue);
        return tokens.Length <= room ? tokens : throw Conversation.TooLong(tokens.Length, model, options, field);
    }

    /// <summary>The prompt, in tokens.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prefix">What stands before; it loses its beginning where all does not fit, as there it matters least.</param>
    /// <param name="suffix">What stands behind; it loses its end.</param>
    /// <param name="extra">Other files that may help: name and text.</param>
    /// <param name="room">Tokens that the prompt may have.</param>
    /// <exception cref="Rejection">The model has no marks for that.</exception>
    public static int[] Tokens(Model model, string prefix, string suffix, IReadOnlyList<(string Name, string Text)> extra, int room)
    {
        if (Mark(model, "pre", s_prefixes) is not { } pre || Mark(model, "suf", s_suffixes) is not { } suf || Mark(model, "mid", s_middles) is not { } mid)
        {
            throw new Rejection(400, Rejection.Invalid, $"'{model.Name}' was not trained to fill in: its vocabulary has no marks for prefix, suffix and middle.")
            {
                Field = "suffix",
                Code = "infill_unsupported",
            };
        }

        List<int> files = [];
        if (Mark(model, "sep", s_files) is { } separator)
        {
            foreach ((string name, string text) in extra)
                files.AddRange([separator, .. Plain(model, $"{name}\n{text}")]);
        }

        int[] before = Plain(model, prefix), after = Plain(model, suffix);
        int left = Math.Max(0, room - 4), half = left / 2;
        // Half of the room each, and to either what the other leaves.
        before = before[^Math.Min(before.Length, Math.Max(left - Math.Min(after.Length, half), half))..];
        after = after[..Math.Min(after.Length, left - before.Length)];
        files.RemoveRange(0, Math.Min(files.Count, Math.Max(0, files.Count - (left - before.Length - after.Length))));
        int[] begin = model.Tokenizer is { AddsBeginOfText: true, BeginOfText: { } first } ? [first] : [];
        return [.. begin, .. files, pre, .. before, suf, .. after, mid];
    }

    private static int[] Plain(Model model, string text) => model.Tokenizer.Encode(text, addSpecial: false);

    private static int? Mark(Model model, string name, string[] texts)
    {
        if (model.File.Metadata.FindInteger($"{Key}{name}_token_id") is >= 0 and var id)
            return (int)id;
        foreach (string text in texts)
        {
            if (model.Tokenizer.Find(text) is { } found)
                return found;
        }

        return null;
    }
}
