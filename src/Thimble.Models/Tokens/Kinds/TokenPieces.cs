using System.Globalization;

namespace Thimble.Models.Tokens;

/// <summary>What tokens stand for when they are written out.</summary>
internal static class TokenPieces
{
    /// <summary>The sign for a space in the vocabularies of SentencePiece and WordPiece, U+2581.</summary>
    public static ReadOnlySpan<byte> Blank => "▁"u8;

    /// <summary>How a kind of tokenizer turns the text of a normal token into bytes.</summary>
    public delegate int Decoder(ReadOnlySpan<byte> text, Span<byte> bytes);

    /// <summary>The pieces of all tokens, by id.</summary>
    public static ByteStrings Of(Vocabulary vocabulary, Decoder normal)
    {
        var pieces = new ByteStrings(vocabulary.Count, 16);
        Span<byte> small = stackalloc byte[256];
        for (int id = 0; id < vocabulary.Count; id++)
        {
            ReadOnlySpan<byte> text = vocabulary.Texts[id];
            Span<byte> bytes = text.Length <= small.Length ? small : new byte[text.Length];
            switch (vocabulary.Kind(id))
            {
                case TokenKind.Normal or TokenKind.Undefined:
                    pieces.Add(bytes[..normal(text, bytes)]);
                    break;
                case TokenKind.Byte when TryByte(text, out byte b):
                    pieces.Add([b]);
                    break;
                case TokenKind.Unused:
                    pieces.Add([]);
                    break;
                default:
                    pieces.Add(text);
                    break;
            }
        }

        return pieces;
    }

    /// <summary>Reads <c>&lt;0x0A&gt;</c>.</summary>
    public static bool TryByte(ReadOnlySpan<byte> text, out byte value)
    {
        value = 0;
        return text.Length == 6 && text.StartsWith("<0x"u8) && text[5] == '>'
            && byte.TryParse(text[3..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>The tokens of the 256 bytes, −1 where there is none: <c>&lt;0x0A&gt;</c>, or else the byte itself.</summary>
    public static int[] Bytes(Vocabulary vocabulary)
    {
        int[] tokens = new int[256];
        for (int b = 0; b < 256; b++)
        {
            int id = vocabulary.Index.Find(System.Text.Encoding.ASCII.GetBytes($"<0x{b:X2}>"));
            tokens[b] = id >= 0 ? id : vocabulary.Index.Find([(byte)b]);
        }

        return tokens;
    }

    /// <summary>Copies a text with blanks for its spaces.</summary>
    public static byte[] WithBlanks(ReadOnlySpan<byte> text, bool prefix)
    {
        byte[] blanked = new byte[text.Length + (2 * text.Count((byte)' ')) + (prefix ? 3 : 0)];
        int count = 0;
        if (prefix)
            count = Append(Blank, blanked, count);
        while (!text.IsEmpty)
        {
            int space = text.IndexOf((byte)' ');
            count = Append(space < 0 ? text : text[..space], blanked, count);
            if (space < 0)
                break;

            count = Append(Blank, blanked, count);
            text = text[(space + 1)..];
        }

        return blanked;

        static int Append(ReadOnlySpan<byte> part, Span<byte> to, int at)
        {
            part.CopyTo(to[at..]);
            return at + part.Length;
        }
    }

    /// <summary>Copies a token's text with spaces for its blanks.</summary>
    public static int WithSpaces(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            bool blank = text[i..].StartsWith(Blank);
            bytes[count++] = blank ? (byte)' ' : text[i];
            i += blank ? 2 : 0;
        }

        return count;
    }
}
