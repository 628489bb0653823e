namespace Thimble.Models.Tokens;

/// <summary>GPT-2's words, scanned by hand: contractions, runs of letters, digits or signs with the space before them, white space.</summary>
/// <remarks>Source: Radford et al., GPT-2, 2019; the same cuts as <see cref="Pattern"/> makes.</remarks>
internal sealed class Gpt2Splitter : Splitter
{
    /// <summary>What it scans, as a pattern.</summary>
    public const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private const uint NotSign = CodePoint.Letter | CodePoint.Number | CodePoint.Space;

    public override int Next(ReadOnlySpan<byte> text, int at)
    {
        byte first = text[at];
        if (first == '\'' && Contraction(text, at) is > 0 and int contraction)
            return at + contraction;

        int start = first == ' ' ? at + 1 : at;
        uint classes = CodePoint.ClassesAt(text, start, out int length);
        if ((classes & CodePoint.Letter) != 0)
            return Letters(text, start + length);
        if ((classes & CodePoint.Number) != 0)
            return CodePoint.SkipWhile(text, start + length, CodePoint.Number);
        return classes != 0 && (classes & CodePoint.Space) == 0
            ? CodePoint.SkipUnless(text, start + length, NotSign)
            : Spaces(text, at);
    }

    /// <summary>Behind the letters at a place.</summary>
    public static int Letters(ReadOnlySpan<byte> text, int at)
    {
        while ((uint)at < (uint)text.Length)
        {
            if (char.IsAsciiLetter((char)text[at]))
            {
                at++;
                continue;
            }

            if (text[at] < 0x80 || (CodePoint.ClassesAt(text, at, out int length) & CodePoint.Letter) == 0)
                break;
            at += length;
        }

        return at;
    }

    /// <summary>Behind the white space at a place, but for its last character if a word follows that takes it.</summary>
    public static int Spaces(ReadOnlySpan<byte> text, int at)
    {
        int end = CodePoint.SkipWhile(text, at, CodePoint.Space);
        if (end == text.Length)
            return end;

        int last = CodePoint.Before(text, end);
        return last > at ? last : end;
    }

    private static int Contraction(ReadOnlySpan<byte> text, int at)
    {
        ReadOnlySpan<byte> rest = text[(at + 1)..];
        if (rest.IsEmpty)
            return 0;
        if (rest[0] is (byte)'s' or (byte)'t' or (byte)'m' or (byte)'d')
            return 2;
        return rest.StartsWith("re"u8) || rest.StartsWith("ve"u8) || rest.StartsWith("ll"u8) ? 3 : 0;
    }
}
