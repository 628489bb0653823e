using System.Text.Json;
using System.Text.RegularExpressions;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>What a Hugging Face folder says beside its tokens: how to split and normalise, which tokens are special, how to chat.</summary>
internal sealed class JsonSettings(Metadata metadata, JsonVocabulary vocabulary, JsonElement json, JsonElement? config)
{
    public const string TemplateKey = "tokenizer.chat_template";
    private const string Prefix = "tokenizer.ggml.";
    private const string Punctuation = @"[\p{P}!-/:-@\[-`{-~]";

    // What the files write, under the names of GGUF; the two kin of a pattern differ in whether merges are ignored.
    private static readonly (string Name, bool IgnoreMerges, string[] Patterns)[] s_known =
    [
        ("gpt-2", false, [Gpt2Splitter.Pattern]),
        ("llama-bpe", true, [LlamaSplitter.Pattern(3)]),
        ("chatglm-bpe", false, [LlamaSplitter.Pattern(3)]),
        ("qwen2", false, [LlamaSplitter.Pattern(1)]),
        ("qwen35", false, [LlamaSplitter.Pattern(1, marks: true)]),
        ("starcoder", false, [@"\p{N}", Gpt2Splitter.Pattern]),
        ("deepseek-v3", false, DeepSeekFamily.V3),
        ("gpt-4o", false, [Gpt4oFamily.Words(Gpt4oFamily.Contraction + "?", @"\p{N}{1,3}")]),
        ("tekken", true, [Gpt4oFamily.Words("", @"\p{N}")]),
    ];

    /// <summary>The ways of splitting that both kinds of file can name.</summary>
    public static IReadOnlyList<string> SplitNames { get; } = [.. s_known.Select(known => known.Name)];

    /// <summary>What <c>tokenizer.json</c> writes for a name of GGUF: whether merges are ignored for words that are tokens, and the patterns.</summary>
    public static (bool IgnoreMerges, string[] Patterns) Splitting(string name) => s_known.Where(known => known.Name == name).Select(known => (known.IgnoreMerges, known.Patterns)).First();

    public void Add()
    {
        if (vocabulary.Kind == "gpt2")
            AddSplitting();
        else
            AddNormalisation();
        AddSpecial();
        AddTemplates();
    }

    private void AddSplitting()
    {
        string[] patterns = [.. json.Find("pre_tokenizer").Sequence("pretokenizers").SelectMany(Patterns)];
        if (patterns.Length == 0)
            patterns = [@"[\s\S]+"];   // no splitting at all
        bool ignoreMerges = json.Find("model") is { } model && model.Flag("ignore_merges");
        foreach ((string name, bool ignores, string[] known) in s_known)
        {
            if (ignores != ignoreMerges || !known.SequenceEqual(patterns))
                continue;

            metadata.Set(Prefix + "pre", name);
            return;
        }

        metadata.Set(BytePairTokenizer.PatternKey, MetadataArray.Of(patterns));
        metadata.Set(BytePairTokenizer.IgnoreMergesKey, ignoreMerges);
    }

    private static IEnumerable<string> Patterns(JsonElement step)
    {
        string? type = step.Text("type"), behavior = step.Text("behavior");
        return type switch
        {
            "ByteLevel" => step.Find("use_regex") is { ValueKind: JsonValueKind.False } ? [] : [Gpt2Splitter.Pattern],
            "Digits" => [step.Flag("individual_digits") ? @"\p{N}" : @"\p{N}+"],
            "Punctuation" => [behavior == "Contiguous" ? Punctuation + "+" : Punctuation],
            // What is removed unless it matches is split off as it is: these patterns match everything.
            "Split" when behavior == "Isolated" || (behavior == "Removed" && step.Flag("invert")) => [Split(step)],
            _ => throw new NotSupportedException(
                $"tokenizer.json splits words by '{type}' ({behavior ?? "no behavior"}); known: ByteLevel, Digits, Punctuation, Split (Isolated)."),
        };
    }

    private static string Split(JsonElement step)
    {
        JsonElement pattern = step.GetProperty("pattern");
        string text = pattern.Text("Regex") ?? Regex.Escape(pattern.Text("String") ?? "");
        return text.Replace("\r", @"\r", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
    }

    private void AddNormalisation()
    {
        JsonElement[] steps = [.. json.Find("normalizer").Sequence("normalizers")];
        JsonElement[] splits = [.. json.Find("pre_tokenizer").Sequence("pretokenizers")];
        if (vocabulary.Kind == "bert")
        {
            JsonElement bert = steps.FirstOrDefault(step => step.Text("type") == "BertNormalizer");
            bool lower = bert.Flag("lowercase") || steps.Any(step => step.Text("type") == "Lowercase");
            metadata.Set(Prefix + "normalizer.lowercase", lower);
            metadata.Set(Prefix + "normalizer.strip_accents", bert.Find("strip_accents") is { } strip ? strip.GetBoolean() : lower);
            return;
        }

        JsonElement metaspace = splits.FirstOrDefault(step => step.Text("type") == "Metaspace");
        bool prefix = steps.Any(step => step.Text("type") == "Prepend") || (metaspace.ValueKind == JsonValueKind.Object
            && (metaspace.Text("prepend_scheme") is { } scheme ? scheme != "never" : metaspace.Flag("add_prefix_space")));
        metadata.Set(Prefix + "add_space_prefix", prefix);
        foreach (JsonElement step in steps)
        {
            if (step.Text("precompiled_charsmap") is { } map)
                metadata.Set(CharacterMap.Key, MetadataArray.Of(Array.ConvertAll(Convert.FromBase64String(map), value => (long)value), GgufKind.UInt8));
            if (step.Text("type") == "Replace" && step.GetProperty("pattern").Text("Regex") == " {2,}")
                metadata.Set(Prefix + "remove_extra_whitespaces", true);
        }
    }

    private void AddSpecial()
    {
        foreach ((string name, string key) in ((string, string)[])
            [("bos_token", "bos_token_id"), ("eos_token", "eos_token_id"), ("unk_token", "unknown_token_id"), ("sep_token", "seperator_token_id"),
             ("pad_token", "padding_token_id"), ("cls_token", "cls_token_id"), ("mask_token", "mask_token_id")])
        {
            if (vocabulary.Find(Token(name)) is { } id)
                metadata.Set(Prefix + key, (long)id);
        }

        foreach (string flag in (string[])["add_bos_token", "add_eos_token"])
        {
            if (config?.Find(flag) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value)
                metadata.Set(Prefix + flag, value.GetBoolean() && Token(flag[4..]) is { } text && vocabulary.Find(text) is { });
        }

        if (config?.Find("add_bos_token") is null && Template() is { } template)
            metadata.Set(Prefix + "add_bos_token", vocabulary.Find(Token("bos_token")) is { } begin && vocabulary.Find(template) == begin);
    }

    private string? Token(string name) => config?.Find(name) is { } token
        ? token.ValueKind == JsonValueKind.String ? token.GetString() : token.Text("content")
        : name == "unk_token" && json.Find("model") is { } model ? model.Text("unk_token") : null;

    /// <summary>The special token a text is made to begin with, where a template says so.</summary>
    private string? Template()
    {
        JsonElement step = json.Find("post_processor").Sequence("processors").FirstOrDefault(step => step.Text("type") == "TemplateProcessing");
        return step.Find("single")?.EnumerateArray().FirstOrDefault().Find("SpecialToken")?.Text("id");
    }

    private void AddTemplates()
    {
        if (config?.Find("chat_template") is not { } template)
            return;

        if (template.ValueKind == JsonValueKind.String)
        {
            metadata.Set(TemplateKey, template.GetString()!);
            return;
        }

        foreach (JsonElement named in template.EnumerateArray())
        {
            string? name = named.Text("name");
            metadata.Set(name is null or "default" ? TemplateKey : $"{TemplateKey}.{name}", named.Text("template") ?? "");
        }
    }
}
