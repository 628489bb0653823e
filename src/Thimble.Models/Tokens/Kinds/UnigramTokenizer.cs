using System.Runtime.CompilerServices;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>SentencePiece's unigram model: of all ways to cut a text into tokens, the one whose scores add up highest.</summary>
/// <remarks>Source: Kudo, "Subword Regularization", 2018, section 3.2; Viterbi's search in double precision, as in llama.cpp.</remarks>
internal sealed class UnigramTokenizer : Tokenizer
{
    private const double UnknownPenalty = 10;
    private readonly Trie _tokens = new(), _userDefined = new();
    private readonly CharacterMap? _map;
    private readonly bool _mergesSpaces;
    private readonly float _unknownScore;
    private readonly int _unknown;

    private UnigramTokenizer(Metadata metadata, Vocabulary vocabulary, SpecialTokens special)
        : base(metadata, vocabulary, special, TokenPieces.Of(vocabulary, TokenPieces.WithSpaces))
    {
        if (vocabulary.Scores.Length == 0)
            throw Vocabulary.Missing("tokenizer.ggml.scores");

        _unknown = special.Unknown ?? throw Vocabulary.Missing("tokenizer.ggml.unknown_token_id");
        _mergesSpaces = metadata.FindFlag("tokenizer.ggml.remove_extra_whitespaces") ?? false;
        _map = metadata.FindArray(CharacterMap.Key) is { Count: > 0 } map ? new([.. map.Integers().Select(value => (byte)value)]) : null;
        float least = float.MaxValue;
        for (int id = 0; id < vocabulary.Count; id++)
        {
            TokenKind kind = vocabulary.Kind(id);
            if (kind is TokenKind.Normal)
                least = Math.Min(least, vocabulary.Scores[id]);
            if (kind is TokenKind.Normal or TokenKind.UserDefined or TokenKind.Unused)
                _tokens.Add(vocabulary.Texts[id], id);
            if (kind is TokenKind.UserDefined)
                _userDefined.Add(vocabulary.Texts[id], id);
        }

        _unknownScore = (float)(least - UnknownPenalty);
    }

    [ModuleInitializer]
    internal static void Register() => Tokenizers.Add("t5", metadata =>
    {
        var vocabulary = Vocabulary.Read(metadata);
        return new UnigramTokenizer(metadata, vocabulary, new(metadata, vocabulary, new(null, 1, 2, AddEnd: true)));
    });

    private protected override void EncodeText(ReadOnlySpan<byte> text, bool afterSpecial, List<int> ids)
    {
        byte[] normal = Normalize(text);
        if (normal.Length == 0)
            return;

        var best = new Cut[normal.Length + 1];   // the best way to reach each byte
        Array.Fill(best, new(_unknown, 0, double.MinValue));
        best[0] = new(_unknown, 0, 0);
        for (int at = 0; at < normal.Length;)
        {
            CodePoint.At(normal, at, out int length);
            if (!Reach(normal, at, length, best))
                Offer(best, at, length, _unknown, _unknownScore);
            at += length;
        }

        int first = ids.Count;
        bool wasUnknown = false;
        for (int at = normal.Length; at > 0; at = best[at].From)
        {
            bool isUnknown = best[at].Id == _unknown;
            if (!(isUnknown && wasUnknown))   // one for all that cannot be written in a row
                ids.Add(best[at].Id);
            wasUnknown = isUnknown;
        }

        ids.Reverse(first, ids.Count - first);
    }

    /// <summary>Offers every token that begins at a place.</summary>
    /// <returns>Whether one of them is just the character there.</returns>
    private bool Reach(ReadOnlySpan<byte> text, int at, int character, Cut[] best)
    {
        bool found = false;
        int node = Trie.Root;
        for (int end = at; end < text.Length;)
        {
            node = _tokens.Step(node, text[end++]);
            if (node < 0)
                break;
            if (_tokens.Value(node) is not (>= 0 and int id))
                continue;

            found |= end - at == character;
            Offer(best, at, end - at, id, Vocabulary.Kind(id) == TokenKind.UserDefined ? 0 : Vocabulary.Scores[id]);
        }

        return found;
    }

    private static void Offer(Cut[] best, int at, int length, int id, double score)
    {
        ref Cut champion = ref best[at + length];
        if (best[at].Score + score > champion.Score)
            champion = new(id, at, best[at].Score + score);
    }

    private byte[] Normalize(ReadOnlySpan<byte> text)
    {
        var normal = new List<byte>(text.Length + 16);
        (bool prefixed, bool inWord) = (false, false);
        for (int at = 0; at < text.Length;)
        {
            int used = _userDefined.Longest(text[at..], out _);
            ReadOnlySpan<byte> part = used > 0 ? text.Slice(at, used) : [];
            if (used == 0)
                used = _map?.Find(text[at..], out part) ?? 0;
            if (used == 0)
            {
                CodePoint.At(text, at, out used);
                part = text.Slice(at, used);
            }

            at += used;
            foreach (byte b in part)
            {
                if (b != ' ' && !inWord && ((AddsSpacePrefix && !prefixed) || _mergesSpaces))
                {
                    normal.AddRange(TokenPieces.Blank);
                    prefixed = true;
                }

                inWord = b != ' ';
                if (inWord)
                    normal.Add(b);
                else if (!_mergesSpaces)
                    normal.AddRange(TokenPieces.Blank);
            }
        }

        return [.. normal];
    }

    private readonly record struct Cut(int Id, int From, double Score);
}
