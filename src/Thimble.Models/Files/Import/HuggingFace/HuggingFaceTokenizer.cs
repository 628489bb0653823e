using System.Text.Json;

namespace Thimble.Models.Files;

/// <summary>The tokenizer of a Hugging Face folder: tokenizer.json or tokenizer.model, special tokens and chat template.</summary>
/// <remarks>A model may end a text in several ways: <c>tokenizer.ggml.eos_token_id</c> is the one that its tokenizer names, and all
/// stand in <c>tokenizer.ggml.eos_token_ids</c>, as Ollama writes them.</remarks>
internal static class HuggingFaceTokenizer
{
    private const string Json = "tokenizer.json", Pieces = "tokenizer.model";

    private static readonly (string Field, string Key)[] s_special =
    [
        ("bos_token", "tokenizer.ggml.bos_token_id"), ("eos_token", "tokenizer.ggml.eos_token_id"),
        ("unk_token", "tokenizer.ggml.unknown_token_id"), ("pad_token", "tokenizer.ggml.padding_token_id"),
    ];

    private static readonly (string Field, string Key)[] s_sampling =
    [
        ("temperature", "general.sampling.temp"), ("top_k", "general.sampling.top_k"), ("top_p", "general.sampling.top_p"), ("min_p", "general.sampling.min_p"),
        ("repetition_penalty", "general.sampling.penalty_repeat"),
    ];

    /// <summary>Adds the <c>tokenizer</c> keys.</summary>
    /// <param name="metadata">Receives them.</param>
    /// <param name="folder">The model's folder.</param>
    /// <param name="config">Its config.json.</param>
    /// <param name="vocabulary">Its ids.</param>
    /// <exception cref="InvalidDataException">There is no tokenizer, or it is damaged.</exception>
    public static void AddTo(Metadata metadata, string folder, JsonFile config, int vocabulary)
    {
        string path = new[] { Json, Pieces }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new InvalidDataException($"'{folder}' has no tokenizer: looked for '{Json}' and '{Pieces}'.");
        ForeignVocabulary.AddTo(metadata, path, vocabulary);

        var settings = JsonFile.Find(Path.Combine(folder, "tokenizer_config.json"));
        var generation = JsonFile.Find(Path.Combine(folder, "generation_config.json"));
        AddSpecial(metadata, settings, config, generation);
        AddSampling(metadata, generation);
        AddTemplates(metadata, folder, settings);
    }

    private static void AddSpecial(Metadata metadata, JsonFile? settings, JsonFile config, JsonFile? generation)
    {
        string[] tokens = metadata.FindArray("tokenizer.ggml.tokens")!.Texts();
        foreach ((string field, string key) in s_special)
        {
            int id = Text(settings?.FindElement(field)) is { } text ? Array.IndexOf(tokens, text) : -1;
            if (id >= 0)
                metadata.Set(key, (long)id);
        }

        foreach ((string field, string key) in s_special[..2])
        {
            long[] ids = generation?.FindIntegers(field + "_id") ?? config.FindIntegers(field + "_id") ?? [];
            if (Array.Exists(ids, id => id < 0 || id >= tokens.Length))
                throw new InvalidDataException($"'{(generation ?? config).Path}': '{field}_id' names token {ids.Max()}; the tokenizer has {tokens.Length}.");
            if (ids.Length > 0 && metadata.FindInteger(key) is null)
                metadata.Set(key, ids[0]);
            if (ids.Length > 1)
                metadata.Set(key + "s", MetadataArray.Of(ids));
        }

        foreach (string flag in (ReadOnlySpan<string>)["add_bos_token", "add_eos_token"])
        {
            if (settings?.FindFlag(flag) is { } value)
                metadata.Set("tokenizer.ggml." + flag, value);
        }
    }

    /// <summary>Adds how the model's makers would have it sampled, under the keys that llama.cpp gives that.</summary>
    private static void AddSampling(Metadata metadata, JsonFile? generation)
    {
        foreach ((string field, string key) in s_sampling)
        {
            if (generation?.FindNumber(field) is not { } value)
                continue;
            if (field == "top_k")
                metadata.Set(key, (long)value);
            else
                metadata.Set(key, value);
        }
    }

    /// <summary>A token given as text or as an object with its text in <c>content</c>.</summary>
    private static string? Text(JsonElement? token) => token switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Object } whole when whole.TryGetProperty("content", out JsonElement text) && text.ValueKind == JsonValueKind.String => text.GetString(),
        _ => null,
    };

    private static void AddTemplates(Metadata metadata, string folder, JsonFile? settings)
    {
        JsonElement? templates = settings?.FindElement("chat_template");
        string file = Path.Combine(folder, "chat_template.jinja");
        if (templates is { ValueKind: JsonValueKind.String } single)
            metadata.Set("tokenizer.chat_template", single.GetString()!);
        foreach (JsonElement entry in templates is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default)
        {
            if (entry.TryGetProperty("name", out JsonElement name) && entry.TryGetProperty("template", out JsonElement text))
                metadata.Set(name.GetString() == "default" ? "tokenizer.chat_template" : $"tokenizer.chat_template.{name}", text.GetString() ?? "");
        }

        if (File.Exists(file))
            metadata.Set("tokenizer.chat_template", File.ReadAllText(file));
    }
}
