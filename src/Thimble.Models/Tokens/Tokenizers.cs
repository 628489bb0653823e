using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>The kinds of tokenizer by the name GGUF gives them; each adds itself.</summary>
internal static class Tokenizers
{
    private static readonly SortedDictionary<string, Func<Metadata, Tokenizer>> s_kinds = new(StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names => s_kinds.Keys;

    public static void Add(string name, Func<Metadata, Tokenizer> open) => s_kinds.Add(name, open);

    public static Tokenizer Open(Metadata metadata)
    {
        string name = metadata.FindText("tokenizer.ggml.model") ?? throw Vocabulary.Missing("tokenizer.ggml.model");
        return s_kinds.TryGetValue(name, out Func<Metadata, Tokenizer>? open)
            ? open(metadata)
            : throw new NotSupportedException($"Tokenizer '{name}' of metadata key 'tokenizer.ggml.model' is unknown; known: {string.Join(", ", Names)}.");
    }
}
