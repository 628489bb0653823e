using System.Text.Encodings.Web;
using System.Text.Json;
using Thimble.Models.Tokens;

namespace Thimble.Lab.Training;

/// <summary>A trained tokenizer as a Hugging Face folder holds it: <c>tokenizer.json</c> and <c>tokenizer_config.json</c>.</summary>
/// <remarks>Source: the layout of both files as the library tokenizers writes them.</remarks>
internal static class TokenizerFolder
{
    private static readonly JsonWriterOptions s_readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes both files; the folder is made if it is not there.</summary>
    public static void Write(string folder, BytePairVocabulary vocabulary, TokenizerRecipe recipe)
    {
        Directory.CreateDirectory(folder);
        Write(Path.Combine(folder, "tokenizer.json"), json => Tokenizer(json, vocabulary, recipe));
        Write(Path.Combine(folder, "tokenizer_config.json"), json => Settings(json, recipe));
    }

    private static void Write(string path, Action<Utf8JsonWriter> fill)
    {
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file, s_readable);
        json.WriteStartObject();
        fill(json);
        json.WriteEndObject();
    }

    private static void Tokenizer(Utf8JsonWriter json, BytePairVocabulary vocabulary, TokenizerRecipe recipe)
    {
        json.WriteString("version", "1.0");
        json.WriteStartArray("added_tokens");
        for (int id = 0; id < vocabulary.Special.Length; id++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", vocabulary.Special[id]);
            foreach (string flag in (string[])["single_word", "lstrip", "rstrip", "normalized"])
                json.WriteBoolean(flag, false);
            json.WriteBoolean("special", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull("normalizer");
        (bool ignoresMerges, string[] patterns) = JsonSettings.Splitting(recipe.Split);
        Splitting(json, patterns);
        json.WriteNull("post_processor");
        json.WriteStartObject("decoder");
        ByteLevel(json);
        json.WriteEndObject();
        json.WriteStartObject("model");
        Model(json, vocabulary, ignoresMerges);
        json.WriteEndObject();
    }

    private static void Splitting(Utf8JsonWriter json, string[] patterns)
    {
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        foreach (string pattern in patterns)
        {
            json.WriteStartObject();
            json.WriteString("type", "Split");
            json.WriteStartObject("pattern");
            json.WriteString("Regex", pattern);
            json.WriteEndObject();
            json.WriteString("behavior", "Isolated");
            json.WriteBoolean("invert", false);
            json.WriteEndObject();
        }

        json.WriteStartObject();
        ByteLevel(json);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void ByteLevel(Utf8JsonWriter json)
    {
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", false);
        json.WriteBoolean("use_regex", false);
    }

    private static void Model(Utf8JsonWriter json, BytePairVocabulary vocabulary, bool ignoresMerges)
    {
        json.WriteString("type", "BPE");
        foreach (string absent in (string[])["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
            json.WriteNull(absent);
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", ignoresMerges);
        json.WriteStartObject("vocab");
        for (int id = 0; id < vocabulary.Count; id++)
            json.WriteNumber(vocabulary.Written(id), id);
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach ((int, int) merge in vocabulary.Merges)
            json.WriteStringValue(vocabulary.Written(merge));
        json.WriteEndArray();
    }

    private static void Settings(Utf8JsonWriter json, TokenizerRecipe recipe)
    {
        json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        foreach ((string key, string? token) in ((string, string?)[])[("bos_token", recipe.Begin), ("eos_token", recipe.End), ("chat_template", recipe.Template)])
        {
            if (token is not null)
                json.WriteString(key, token);
        }

        json.WriteBoolean("add_bos_token", recipe.AddBegin);
        json.WriteBoolean("add_eos_token", false);
    }
}
