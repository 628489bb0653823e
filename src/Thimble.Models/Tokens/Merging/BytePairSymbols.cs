namespace Thimble.Models.Tokens;

/// <summary>What byte-pair merging works on: the tokens by their bytes, and numbers above them for byte strings that are no token.</summary>
internal sealed class BytePairSymbols
{
    private readonly bool _raw;
    private readonly int _tokens;
    private readonly ByteStrings _texts;
    private readonly ByteStringIndex _index;
    private readonly int[] _ids;         // by number of the text
    private readonly int[] _bytes = new int[256];
    private readonly Dictionary<string, int> _others = new(StringComparer.Ordinal);
    private byte[] _room = new byte[64];

    public BytePairSymbols(Vocabulary vocabulary, bool raw)
    {
        (_raw, _tokens) = (raw, vocabulary.Count);
        _texts = new(vocabulary.Count, 16);
        _index = new(_texts, vocabulary.Count);
        _ids = new int[vocabulary.Count];
        for (int id = 0; id < vocabulary.Count; id++)
        {
            // Text never becomes a control token, whatever it says.
            if (vocabulary.Kind(id) is TokenKind.Control or TokenKind.Unknown or TokenKind.Byte || !TryDecode(vocabulary.Texts[id], out ReadOnlySpan<byte> bytes))
                continue;

            int number = _texts.Add(bytes);
            _ids[number] = id;
            _index.Add(number);
        }

        int[] fallback = raw ? TokenPieces.Bytes(vocabulary) : [];
        for (int b = 0; b < 256; b++)
            _bytes[b] = raw ? fallback[b] : Find([(byte)b]);
    }

    /// <summary>The token of a byte string, or −1.</summary>
    public int Token(ReadOnlySpan<byte> bytes) => _index.Find(bytes) is >= 0 and int number ? _ids[number] : -1;

    /// <summary>The symbol of a part of a merge.</summary>
    public int Find(byte[] merge, int start, int end) =>
        TryDecode(merge.AsSpan(start, end - start), out ReadOnlySpan<byte> bytes) ? Find(bytes) : Find(merge.AsSpan(start, end - start));

    /// <summary>Puts the bytes, or the characters, of a word into a merger.</summary>
    public void Start<TRule>(ReadOnlySpan<byte> word, Merger<TRule> merger)
        where TRule : struct, IMergeRule
    {
        for (int at = 0, length = 1; at < word.Length; at += length)
        {
            if (_raw)
            {
                CodePoint.At(word, at, out length);
                merger.Add(at, length, Known(word.Slice(at, length)));
            }
            else
            {
                merger.Add(at, 1, _bytes[word[at]]);
            }
        }
    }

    /// <summary>Appends the token of a symbol, or those of its bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes, int symbol, List<int> ids)
    {
        if ((uint)symbol < (uint)_tokens)
        {
            ids.Add(symbol);
            return;
        }

        foreach (byte b in bytes)
        {
            if ((uint)_bytes[b] < (uint)_tokens)
                ids.Add(_bytes[b]);
        }
    }

    private int Find(ReadOnlySpan<byte> bytes)
    {
        int token = Token(bytes);
        if (token >= 0)
            return token;

        string key = Convert.ToHexString(bytes);
        if (!_others.TryGetValue(key, out int symbol))
            _others.Add(key, symbol = _tokens + _others.Count);
        return symbol;
    }

    // A symbol no merge knows stays as it is; −1 pairs with nothing.
    private int Known(ReadOnlySpan<byte> bytes)
    {
        int token = Token(bytes);
        return token >= 0 || _others.Count == 0 ? token : _others.GetValueOrDefault(Convert.ToHexString(bytes), -1);
    }

    private bool TryDecode(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> bytes)
    {
        bytes = text;
        if (_raw)
            return true;
        if (_room.Length < text.Length)
            _room = new byte[2 * text.Length];
        bool known = ByteAlphabet.TryDecode(text, _room, out int count);
        bytes = _room.AsSpan(0, count);
        return known;
    }
}
