using System.Runtime.CompilerServices;
using System.Text;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>WordPiece: words, lower-cased and without accents, are eaten from the left by the longest token that fits.</summary>
/// <remarks>In GGUF a token that begins a word is written with <c>▁</c> and one that goes on bare, where BERT writes <c>##</c>.
/// Source: Devlin et al., "BERT", 2019, section 3; Schuster and Nakajima, 2012; normalisation as in llama.cpp.</remarks>
internal sealed class WordPieceTokenizer : Tokenizer
{
    private readonly Trie _tokens = new();
    private readonly bool _lower, _strip;

    private WordPieceTokenizer(Metadata metadata, Vocabulary vocabulary, SpecialTokens special)
        : base(metadata, vocabulary, special, TokenPieces.Of(vocabulary, TokenPieces.WithSpaces))
    {
        _lower = metadata.FindFlag("tokenizer.ggml.normalizer.lowercase") ?? true;
        _strip = metadata.FindFlag("tokenizer.ggml.normalizer.strip_accents") ?? _lower;
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (vocabulary.Kind(id) is not (TokenKind.Control or TokenKind.Unknown))
                _tokens.Add(vocabulary.Texts[id], id);
        }
    }

    internal override bool ShedsFirstSpace => true;

    [ModuleInitializer]
    internal static void Register() => Tokenizers.Add("bert", metadata =>
    {
        var vocabulary = Vocabulary.Read(metadata);
        var defaults = new SpecialDefaults(101, null, 100, 102, AddBegin: true, AddSeparator: true);
        return new WordPieceTokenizer(metadata, vocabulary, new(metadata, vocabulary, defaults));
    });

    private protected override void EncodeText(ReadOnlySpan<byte> text, bool afterSpecial, List<int> ids)
    {
        var word = new List<byte>();
        var letters = new List<int>();
        for (int at = 0; at < text.Length;)
        {
            int c = CodePoint.At(text, at, out int length);
            at += length;
            letters.Clear();
            if (_strip)
                BareLetters.Append(c, letters);
            else
                letters.Add(c);
            foreach (int letter in letters)
                Take(letter, word, ids);
        }

        EndWord(word, ids);
    }

    private void Take(int letter, List<byte> word, List<int> ids)
    {
        uint classes = CodePoint.Classes(letter);
        if ((classes & CodePoint.Space) != 0)
        {
            EndWord(word, ids);
            return;
        }

        if (letter is 0 or 0xFFFD || (classes & CodePoint.Other & ~Unassigned) != 0 || (_strip && (classes & CodePoint.Mark) != 0))
            return;

        bool alone = (classes & CodePoint.Punctuation) != 0 || (letter < 0x7F && (classes & CodePoint.Sign) != 0) || IsChinese(letter);
        if (alone)
            EndWord(word, ids);
        if (word.Count == 0)
            word.AddRange(TokenPieces.Blank);
        Span<byte> utf8 = stackalloc byte[4];
        var rune = new Rune(letter);
        word.AddRange(utf8[..(_lower ? Rune.ToLowerInvariant(rune) : rune).EncodeToUtf8(utf8)]);
        if (alone)
            EndWord(word, ids);
    }

    // llama.cpp calls control what Unicode calls Other but for what it has not assigned.
    private const uint Unassigned = 1u << (int)System.Globalization.UnicodeCategory.OtherNotAssigned;

    private void EndWord(List<byte> word, List<int> ids)
    {
        ReadOnlySpan<byte> rest = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(word);
        int first = ids.Count;
        while (!rest.IsEmpty)
        {
            int length = _tokens.Longest(rest, out int id);
            if (length == 0)
            {
                // A word with a part that is no token is unknown as a whole.
                ids.RemoveRange(first, ids.Count - first);
                if (Special.Unknown is { } unknown)
                    ids.Add(unknown);
                break;
            }

            ids.Add(id);
            rest = rest[length..];
        }

        word.Clear();
    }

    // The block at 2B920 begins a hundred characters late, as in the library the models were trained with.
    private static bool IsChinese(int c) => c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x2F800 and <= 0x2FA1F);
}
