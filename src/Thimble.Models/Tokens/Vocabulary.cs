using System.Text;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>The tokens of a model as its file lists them: texts, kinds and scores by id.</summary>
internal sealed class Vocabulary
{
    public const string TokensKey = "tokenizer.ggml.tokens";
    private const string KindsKey = "tokenizer.ggml.token_type", ScoresKey = "tokenizer.ggml.scores";
    private readonly TokenKind[] _kinds;

    private Vocabulary(ByteStrings texts, ByteStringIndex index, TokenKind[] kinds, float[] scores) =>
        (Texts, Index, _kinds, Scores) = (texts, index, kinds, scores);

    /// <summary>The texts as the file writes them, by id.</summary>
    public ByteStrings Texts { get; }

    /// <summary>The id of each text.</summary>
    public ByteStringIndex Index { get; }

    /// <summary>The scores by id, shape [tokens]; empty if the file has none.</summary>
    public float[] Scores { get; }

    public int Count => Texts.Count;

    public TokenKind Kind(int id) => _kinds[id];

    public void SetKind(int id, TokenKind kind) => _kinds[id] = kind;

    public int? Find(ReadOnlySpan<byte> text) => Index.Find(text) is >= 0 and int id ? id : null;

    /// <summary>Reads the vocabulary.</summary>
    /// <exception cref="InvalidDataException">There is none, a token stands twice, or a list beside it has another length.</exception>
    public static Vocabulary Read(Metadata metadata)
    {
        byte[][] tokens = (metadata.FindArray(TokensKey) ?? throw Missing(TokensKey)).Bytes();
        if (tokens.Length == 0)
            throw new InvalidDataException($"Metadata key '{TokensKey}' is empty; expected at least one token.");

        int bytes = 0;
        foreach (byte[] token in tokens)
            bytes += token.Length;
        var texts = new ByteStrings(tokens.Length, bytes);
        var index = new ByteStringIndex(texts, tokens.Length);
        for (int id = 0; id < tokens.Length; id++)
        {
            // An empty token would match everywhere; llama.cpp names it so too.
            texts.Add(tokens[id].Length == 0 ? Encoding.UTF8.GetBytes($"[EMPTY_{id}]") : tokens[id]);
            int first = index.Add(id);
            if (first != id)
                throw new InvalidDataException($"Metadata key '{TokensKey}' holds '{Encoding.UTF8.GetString(tokens[id])}' twice, as tokens {first} and {id}.");
        }

        return new(texts, index, Kinds(metadata, tokens.Length), ScoresOf(metadata, tokens.Length));
    }

    public static InvalidDataException Missing(string key) => new($"The tokenizer needs metadata key '{key}', which is missing.");

    private static TokenKind[] Kinds(Metadata metadata, int tokens)
    {
        var kinds = new TokenKind[tokens];
        if (metadata.FindArray(KindsKey) is not { } list)
        {
            Array.Fill(kinds, TokenKind.Normal);
            return kinds;
        }

        Check(KindsKey, list.Count, tokens);
        long[] numbers = list.Integers();
        for (int id = 0; id < tokens; id++)
            kinds[id] = numbers[id] is >= 0 and <= 6 ? (TokenKind)numbers[id] : TokenKind.Undefined;
        return kinds;
    }

    private static float[] ScoresOf(Metadata metadata, int tokens)
    {
        if (metadata.FindArray(ScoresKey) is not { } list)
            return [];

        Check(ScoresKey, list.Count, tokens);
        return Array.ConvertAll(list.Numbers(), score => (float)score);
    }

    private static void Check(string key, int count, int tokens)
    {
        if (count != tokens)
            throw new InvalidDataException($"Metadata key '{key}' has {count} entries; expected {tokens}, one for each of '{TokensKey}'.");
    }
}
