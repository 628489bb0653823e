using System.Buffers;
using System.Text;
using Thimble.Models.Files;

namespace Thimble.Models.Tokens;

/// <summary>Turns text into the tokens of a model and back.</summary>
/// <remarks>May be used by several threads at once.</remarks>
public abstract class Tokenizer
{
    private readonly Vocabulary _vocabulary;
    private readonly SpecialTokens _special;
    private readonly ByteStrings _pieces;
    private readonly SpecialTexts _always, _all;
    private string?[]? _strings;

    private protected Tokenizer(Metadata metadata, Vocabulary vocabulary, SpecialTokens special, ByteStrings pieces)
    {
        (_vocabulary, _special, _pieces) = (vocabulary, special, pieces);
        (_always, _all) = (SpecialTexts.Always(vocabulary), SpecialTexts.All(vocabulary));
        _always.Strip(metadata, vocabulary);
        _all.Strip(metadata, vocabulary);
    }

    /// <summary>Tokens in the vocabulary; ids run from 0 to one less.</summary>
    public int VocabularySize => _vocabulary.Count;

    /// <summary>The token a text begins with, if there is one.</summary>
    public int? BeginOfText => _special.Begin;

    /// <summary>The token a text ends with, if there is one.</summary>
    public int? EndOfText => _special.End;

    /// <summary>The token a turn of a chat ends with, if there is one.</summary>
    public int? EndOfTurn => _special.EndOfTurn;

    /// <summary>Whether encoding with special tokens puts <see cref="BeginOfText"/> first.</summary>
    public bool AddsBeginOfText => _special.AddBegin;

    /// <summary>Whether encoding with special tokens puts <see cref="EndOfText"/> last.</summary>
    public bool AddsEndOfText => _special.AddEnd;

    /// <summary>Whether a space is put before a text, so that its first word is written as any other.</summary>
    public bool AddsSpacePrefix => _special.AddSpacePrefix;

    /// <summary>All tokens that end a generation.</summary>
    internal IReadOnlyCollection<int> EndsOfGeneration => _special.Ends;

    /// <summary>Whether a first piece sheds its leading space when a whole text is decoded.</summary>
    internal virtual bool ShedsFirstSpace => AddsSpacePrefix;

    /// <summary>What every text begins with, even one that brings its own <see cref="BeginOfText"/>: a model's meta tokens.</summary>
    internal IReadOnlyList<int> Lead => _special.Lead;

    private protected Vocabulary Vocabulary => _vocabulary;

    private protected SpecialTokens Special => _special;

    /// <summary>Opens the tokenizer a model file describes.</summary>
    /// <param name="metadata">The file's metadata; the keys beginning with <c>tokenizer.</c> are read.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="InvalidDataException">A key is missing, or two of them contradict each other.</exception>
    /// <exception cref="NotSupportedException">The kind of tokenizer, or the way it splits words, is unknown.</exception>
    public static Tokenizer From(Metadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return Tokenizers.Open(metadata);
    }

    /// <summary>Turns text into tokens.</summary>
    /// <param name="text">The text; a lone surrogate becomes U+FFFD.</param>
    /// <param name="addSpecial">Whether to add the tokens the model expects around a text.</param>
    /// <param name="parseSpecial">Whether a control token written out in the text becomes that token. Leave it off for text of
    /// untrusted origin.</param>
    /// <returns>The ids, shape [tokens].</returns>
    /// <remarks>Cost: linear, or n log n for runs without word boundaries.</remarks>
    public int[] Encode(string text, bool addSpecial = true, bool parseSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>((text.Length / 3) + 4);
        Encode(text, ids, addSpecial, parseSpecial);
        return [.. ids];
    }

    /// <summary>Turns text into tokens and appends them to a list.</summary>
    /// <param name="text">The text; a lone surrogate becomes U+FFFD.</param>
    /// <param name="ids">Receives the ids behind those it has.</param>
    /// <param name="addSpecial">Whether to add the tokens the model expects around a text.</param>
    /// <param name="parseSpecial">Whether a control token written out in the text becomes that token.</param>
    public void Encode(ReadOnlySpan<char> text, List<int> ids, bool addSpecial = true, bool parseSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(ids);
        byte[] rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(text));
        try
        {
            ReadOnlySpan<byte> bytes = rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented));
            if (addSpecial)
                ids.AddRange(_special.Lead);
            if (addSpecial && _special.AddBegin)
                ids.Add(_special.Begin!.Value);
            EncodeAround(bytes, parseSpecial ? _all : _always, ids);
            if (addSpecial && _special.AddSeparator)
                ids.Add(_special.Separator!.Value);
            if (addSpecial && _special.AddEnd)
                ids.Add(_special.End!.Value);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Turns a query and a document into one text's tokens, as models that rank were trained to read them.</summary>
    /// <param name="query">The query.</param>
    /// <param name="document">The document.</param>
    /// <returns>Begin, query, end, separator, document, end: of these tokens the ones that the file asks for.</returns>
    internal int[] EncodePair(string query, string document)
    {
        List<int> ids = _special.AddBegin ? [_special.Begin!.Value] : [];
        Encode(query, ids, addSpecial: false);
        ids.AddRange(_special.PairMiddle);
        Encode(document, ids, addSpecial: false);
        ids.AddRange(_special.PairEnd);
        return [.. ids];
    }

    /// <summary>Turns tokens into text.</summary>
    /// <param name="ids">The ids, shape [tokens].</param>
    /// <param name="special">Whether control tokens are written out, too.</param>
    /// <returns>The text; bytes that are no UTF-8 become U+FFFD.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool special = false)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(16, 4 * ids.Length));
        bool first = ShedsFirstSpace;
        foreach (int id in ids)
        {
            if (!special && IsHidden(id))
                continue;

            ReadOnlySpan<byte> piece = Piece(id);
            bytes.Write(first && piece.StartsWith((byte)' ') ? piece[1..] : piece);
            first = first && piece.IsEmpty;
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>The bytes a token stands for; not always whole characters.</summary>
    /// <param name="id">The token.</param>
    /// <returns>The bytes; those of a control token are its name.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public ReadOnlySpan<byte> Piece(int id)
    {
        Check(id);
        return _pieces[id];
    }

    /// <summary>What a token is for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public TokenKind Kind(int id)
    {
        Check(id);
        return _vocabulary.Kind(id);
    }

    /// <summary>The token of a name, such as <c>&lt;|im_end|&gt;</c>, as the vocabulary writes it.</summary>
    /// <returns>Its id, or <see langword="null"/>.</returns>
    public int? Find(string name) => _vocabulary.Find(Encoding.UTF8.GetBytes(name));

    /// <summary>Whether a model that says this token has finished.</summary>
    public bool IsEndOfGeneration(int id) => _special.IsEnd(id);

    /// <summary>Whether a token stays out of decoded text unless special ones are asked for.</summary>
    internal bool IsHidden(int id) => Kind(id) is TokenKind.Control or TokenKind.Unknown;

    /// <summary>A token's piece as a string made once, if it is whole characters; otherwise <see langword="null"/>.</summary>
    internal string? WholePiece(int id)
    {
        Check(id);
        string?[] strings = _strings ??= new string?[VocabularySize];
        if (strings[id] is { } known)
            return known;

        ReadOnlySpan<byte> piece = _pieces[id];
        return System.Text.Unicode.Utf8.IsValid(piece) ? strings[id] = Encoding.UTF8.GetString(piece) : null;
    }

    /// <summary>Turns text without special tokens into tokens.</summary>
    /// <param name="text">Valid UTF-8.</param>
    /// <param name="afterSpecial">Whether it stands first or right behind a special token.</param>
    /// <param name="ids">Receives the ids.</param>
    private protected abstract void EncodeText(ReadOnlySpan<byte> text, bool afterSpecial, List<int> ids);

    private void EncodeAround(ReadOnlySpan<byte> text, SpecialTexts specials, List<int> ids)
    {
        (int at, bool afterSpecial, bool strip) = (0, true, false);
        foreach (SpecialMatch match in specials.Find(text) ?? [])
        {
            Between(text[at..match.Start], specials.StripsLeft(match.Id), ids);
            ids.Add(match.Id);
            (at, afterSpecial, strip) = (match.Start + match.Length, true, specials.StripsRight(match.Id));
        }

        Between(text[at..], false, ids);

        void Between(ReadOnlySpan<byte> part, bool stripEnd, List<int> ids)
        {
            part = strip ? part.TrimStart(" \t\n\v\f\r"u8) : part;
            part = stripEnd ? part.TrimEnd(" \t\n\v\f\r"u8) : part;
            if (part.IsEmpty)
                return;

            EncodeText(part, afterSpecial, ids);
            afterSpecial = false;
        }
    }

    private void Check(int id)
    {
        if ((uint)id >= (uint)_vocabulary.Count)
            throw new ArgumentOutOfRangeException(nameof(id), id, $"Token {id} is not in the vocabulary, whose ids run from 0 to {_vocabulary.Count - 1}.");
    }
}
