namespace Thimble.Models.Tokens;

/// <summary>The pre-tokenizers by the name GGUF gives them; each family adds its own.</summary>
internal static class PreTokenizers
{
    private static readonly SortedDictionary<string, Func<PreTokenizer>> s_known = new(StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names => s_known.Keys;

    public static void Add(Func<PreTokenizer> make, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            s_known.Add(name, make);
    }

    /// <exception cref="NotSupportedException">Nobody has added the name.</exception>
    public static PreTokenizer Open(string name) => s_known.TryGetValue(name, out Func<PreTokenizer>? make)
        ? make()
        : throw new NotSupportedException($"Pre-tokenizer '{name}' of metadata key 'tokenizer.ggml.pre' is unknown; known: {string.Join(", ", Names)}.");
}
