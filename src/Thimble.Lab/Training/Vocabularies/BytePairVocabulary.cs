using System.Text;
using Thimble.Models.Files;
using Thimble.Models.Tokens;

namespace Thimble.Lab.Training;

/// <summary>What training makes a byte-pair tokenizer of: its tokens, special ones first, then the bytes, then what merges make.</summary>
/// <param name="Special">Tokens that stand for signs and no text, by id.</param>
/// <param name="Tokens">The others by id above those, each as its bytes.</param>
/// <param name="Merges">Pairs of tokens in the order they are merged.</param>
/// <param name="Symbols">Tokens of the texts it was learnt from.</param>
internal sealed record BytePairVocabulary(string[] Special, List<byte[]> Tokens, List<(int Left, int Right)> Merges, long Symbols)
{
    /// <summary>Tokens.</summary>
    public int Count => Special.Length + Tokens.Count;

    /// <summary>Learns merges: again and again the pair of neighbours that stands most often becomes a token.</summary>
    /// <param name="words">What to learn from.</param>
    /// <param name="special">Tokens that stand for no text.</param>
    /// <param name="size">Tokens in all.</param>
    /// <param name="least">Times a pair must stand in the texts to be merged.</param>
    /// <remarks>Source: Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", 2016, section 3.2. Of pairs that stand
    /// equally often the one of the lowest ids is merged. Two merges may make the same token.</remarks>
    public static BytePairVocabulary Learn(WordCounts words, string[] special, int size, long least)
    {
        List<byte[]> tokens = [.. Enumerable.Range(0, 256).Select(value => (byte[])[(byte)value])];
        List<(int, int)> merges = [];
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < tokens.Count; i++)
            ids.Add(Text(tokens[i]), special.Length + i);
        var counts = new PairCounts(words, special.Length);
        while (special.Length + tokens.Count < size && counts.Best(least) is var (left, right))
        {
            byte[] whole = [.. tokens[left - special.Length], .. tokens[right - special.Length]];
            if (!ids.TryGetValue(Text(whole), out int made))
            {
                ids.Add(Text(whole), made = special.Length + tokens.Count);
                tokens.Add(whole);
            }

            merges.Add((left, right));
            counts.Merge(left, right, made);
        }

        return new BytePairVocabulary(special, tokens, merges, counts.Symbols);
    }

    /// <summary>A token as files write it: special ones as they are, others in GPT-2's alphabet of bytes.</summary>
    public string Written(int id) => id < Special.Length ? Special[id] : Text(Tokens[id - Special.Length]);

    /// <summary>A merge as files write it.</summary>
    public string Written((int Left, int Right) merge) => $"{Written(merge.Left)} {Written(merge.Right)}";

    /// <summary>The keys that a GGUF file holds of a tokenizer.</summary>
    /// <param name="recipe">What else belongs to it.</param>
    public Metadata Describe(TokenizerRecipe recipe)
    {
        var metadata = new Metadata();
        metadata.Add("general.architecture", "llama");
        metadata.Add("general.name", recipe.Name);
        metadata.Add("tokenizer.ggml.model", "gpt2");
        metadata.Add("tokenizer.ggml.pre", recipe.Split);
        metadata.Add(Vocabulary.TokensKey, MetadataArray.Of([.. Enumerable.Range(0, Count).Select(id => Encoding.UTF8.GetBytes(Written(id)))]));
        metadata.Add("tokenizer.ggml.token_type", MetadataArray.Of([.. Enumerable.Range(0, Count).Select(id => (long)(id < Special.Length ? TokenKind.Control : TokenKind.Normal))], GgufKind.Int32));
        metadata.Add(MergeRanks.Key, MetadataArray.Of([.. Merges.Select(merge => Encoding.UTF8.GetBytes(Written(merge)))]));
        Name("bos_token_id", recipe.Begin);
        Name("eos_token_id", recipe.End);
        metadata.Add("tokenizer.ggml.add_bos_token", recipe.AddBegin);
        metadata.Add("tokenizer.ggml.add_eos_token", false);
        if (recipe.Template is { } template)
            metadata.Add("tokenizer.chat_template", template);
        return metadata;

        void Name(string key, string? token)
        {
            if (token is not null)
                metadata.Add("tokenizer.ggml." + key, (long)Array.IndexOf(Special, token));
        }
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(ByteAlphabet.Encode(bytes));
}
