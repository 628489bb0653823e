using System.Text.Json;

namespace Thimble.Models.Files;

/// <summary>A byte-level BPE <c>tokenizer.json</c> as GGUF's <c>gpt2</c> tokenizer.</summary>
/// <remarks>Source: llama.cpp, <c>_set_vocab_gpt2</c>.</remarks>
internal static class ByteLevelTokenizer
{
    // Token kinds as GGUF numbers them.
    private const long Normal = 1, Control = 3, UserDefined = 4, Unused = 5;

    /// <summary>Adds the <c>tokenizer.ggml</c> keys.</summary>
    /// <param name="metadata">Receives them.</param>
    /// <param name="path">The file.</param>
    /// <param name="vocabulary">The model's ids; those without a token become unused ones.</param>
    /// <exception cref="InvalidDataException">The file is damaged or has more tokens.</exception>
    internal static void AddTo(Metadata metadata, string path, int vocabulary)
    {
        var json = JsonFile.Read(path);
        JsonFile model = json.FindObject("model") ?? throw new InvalidDataException($"'{path}' has no field 'model'.");
        JsonFile entries = model.FindObject("vocab") ?? throw new InvalidDataException($"'{path}' has no field 'model.vocab'.");
        string[] tokens = new string[vocabulary];
        long[] kinds = new long[vocabulary];
        Array.Fill(kinds, Unused);
        foreach (JsonProperty entry in entries.Fields())
            Put(entry.Value, entry.Name, Normal);
        foreach (JsonElement added in json.FindElement("added_tokens") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default)
        {
            bool special = added.TryGetProperty("special", out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
            if (added.TryGetProperty("id", out JsonElement id) && added.TryGetProperty("content", out JsonElement content))
                Put(id, content.GetString() ?? "", special ? Control : UserDefined);
        }

        for (int id = 0; id < vocabulary; id++)
            tokens[id] ??= $"[PAD{id}]";
        metadata.Add("tokenizer.ggml.model", "gpt2");
        metadata.Add("tokenizer.ggml.pre", "gpt-2");
        metadata.Add("tokenizer.ggml.tokens", MetadataArray.Of(tokens));
        metadata.Add("tokenizer.ggml.token_type", MetadataArray.Of(kinds));
        if (model.FindElement("merges") is { ValueKind: JsonValueKind.Array } merges)
            metadata.Add("tokenizer.ggml.merges", MetadataArray.Of([.. merges.EnumerateArray().Select(Merge)]));

        void Put(JsonElement number, string token, long kind)
        {
            if (number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out int id) || id < 0 || id >= vocabulary)
                throw new InvalidDataException($"'{path}': token '{token}' has id {number}; the model has {vocabulary} ids.");
            (tokens[id], kinds[id]) = (token, kind);
        }
    }

    private static string Merge(JsonElement merge) => merge.ValueKind == JsonValueKind.Array
        ? string.Join(' ', merge.EnumerateArray().Select(part => part.GetString()))
        : merge.GetString() ?? "";
}
