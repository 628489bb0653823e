using System.Text;
using System.Text.Json;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>Reads the tokenizer of a Hugging Face folder as the metadata GGUF would hold.</summary>
/// <remarks>Source: the layout of <c>tokenizer.json</c> and <c>tokenizer_config.json</c> of the library tokenizers.</remarks>
internal static class TokenizerJson
{
    private static readonly JsonDocumentOptions s_lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a folder, or the <c>tokenizer.json</c> in it.</summary>
    /// <exception cref="InvalidDataException">A file is missing, or is not what its name says.</exception>
    /// <exception cref="NotSupportedException">The tokenizer is of a kind GGUF has no name for.</exception>
    public static Metadata Read(string path)
    {
        var metadata = new Metadata();
        AddTo(metadata, path);
        return metadata;
    }

    /// <summary>Adds what <see cref="Read"/> reads to the metadata of a model.</summary>
    public static void AddTo(Metadata metadata, string path)
    {
        string folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        string file = Directory.Exists(path) ? Path.Combine(path, "tokenizer.json") : path;
        using JsonDocument json = Parse(file) ?? throw new InvalidDataException($"There is no file '{file}'.");
        using JsonDocument? config = Parse(Path.Combine(folder, "tokenizer_config.json"));
        try
        {
            var vocabulary = JsonVocabulary.Read(file, json.RootElement);
            vocabulary.AddTo(metadata);
            new JsonSettings(metadata, vocabulary, json.RootElement, config?.RootElement).Add();
        }
        catch (Exception broken) when (broken is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException($"'{file}' is no tokenizer: {broken.Message}", broken);
        }

        string template = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(template))
            metadata.Set(JsonSettings.TemplateKey, File.ReadAllText(template));
    }

    internal static JsonElement? Find(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    internal static bool Flag(this JsonElement parent, string name) => parent.Find(name) is { ValueKind: JsonValueKind.True };

    internal static string? Text(this JsonElement parent, string name) =>
        parent.Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    internal static byte[] Utf8(this JsonElement value) => Encoding.UTF8.GetBytes(value.GetString()!);

    /// <summary>The parts of a sequence of normalizers or the like, in order; a lone one is its own sequence.</summary>
    internal static IEnumerable<JsonElement> Sequence(this JsonElement? step, string parts)
    {
        if (step is not { ValueKind: JsonValueKind.Object } one)
            return [];

        return one.Text("type") == "Sequence" && one.Find(parts) is { } list
            ? list.EnumerateArray().SelectMany(part => Sequence(part, parts))
            : [one];
    }

    private static JsonDocument? Parse(string file)
    {
        if (!File.Exists(file))
            return null;

        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(file), s_lenient);
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"'{file}' is no JSON: {broken.Message}", broken);
        }
    }
}
