using System.Buffers;
using System.Globalization;
using System.Text;

namespace Thimble.Models.Tokens;

/// <summary>Characters of valid UTF-8, and the classes patterns sort them into, as bits of a mask.</summary>
internal static class CodePoint
{
    public const uint Space = 1u << 30, Han = 1u << 31;

    public const uint Letter = (1u << (int)UnicodeCategory.UppercaseLetter) | (1u << (int)UnicodeCategory.LowercaseLetter)
        | (1u << (int)UnicodeCategory.TitlecaseLetter) | (1u << (int)UnicodeCategory.ModifierLetter) | (1u << (int)UnicodeCategory.OtherLetter);

    public const uint Mark = (1u << (int)UnicodeCategory.NonSpacingMark) | (1u << (int)UnicodeCategory.SpacingCombiningMark)
        | (1u << (int)UnicodeCategory.EnclosingMark);

    public const uint Number = (1u << (int)UnicodeCategory.DecimalDigitNumber) | (1u << (int)UnicodeCategory.LetterNumber)
        | (1u << (int)UnicodeCategory.OtherNumber);

    public const uint Punctuation = (1u << (int)UnicodeCategory.ConnectorPunctuation) | (1u << (int)UnicodeCategory.DashPunctuation)
        | (1u << (int)UnicodeCategory.OpenPunctuation) | (1u << (int)UnicodeCategory.ClosePunctuation)
        | (1u << (int)UnicodeCategory.InitialQuotePunctuation) | (1u << (int)UnicodeCategory.FinalQuotePunctuation)
        | (1u << (int)UnicodeCategory.OtherPunctuation);

    public const uint Sign = (1u << (int)UnicodeCategory.MathSymbol) | (1u << (int)UnicodeCategory.CurrencySymbol)
        | (1u << (int)UnicodeCategory.ModifierSymbol) | (1u << (int)UnicodeCategory.OtherSymbol);

    public const uint Separator = (1u << (int)UnicodeCategory.SpaceSeparator) | (1u << (int)UnicodeCategory.LineSeparator)
        | (1u << (int)UnicodeCategory.ParagraphSeparator);

    public const uint Other = (1u << (int)UnicodeCategory.Control) | (1u << (int)UnicodeCategory.Format) | (1u << (int)UnicodeCategory.Surrogate)
        | (1u << (int)UnicodeCategory.PrivateUse) | (1u << (int)UnicodeCategory.OtherNotAssigned);

    // The Unified Ideographs and their compatibility forms, by blocks.
    private static readonly (int First, int Last)[] s_han =
    [
        (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2A700, 0x2EBEF), (0x2F800, 0x2FA1F),
    ];

    // Behind what it is computed from.
    private static readonly uint[] s_ascii = [.. Enumerable.Range(0, 128).Select(Compute)];

    /// <summary>The classes of a character.</summary>
    public static uint Classes(int codePoint) => codePoint < 128 ? s_ascii[codePoint] : Compute(codePoint);

    /// <summary>The character at a place.</summary>
    /// <param name="text">Valid UTF-8.</param>
    /// <param name="at">Where it begins.</param>
    /// <param name="length">Receives its length in bytes.</param>
    public static int At(ReadOnlySpan<byte> text, int at, out int length)
    {
        byte first = text[at];
        if (first < 0x80)
        {
            length = 1;
            return first;
        }

        _ = Rune.DecodeFromUtf8(text[at..], out Rune rune, out length) == OperationStatus.Done;
        return rune.Value;
    }

    /// <summary>The classes of the character at a place, or 0 behind the end.</summary>
    public static uint ClassesAt(ReadOnlySpan<byte> text, int at, out int length)
    {
        length = 0;
        return (uint)at < (uint)text.Length ? Classes(At(text, at, out length)) : 0;
    }

    /// <summary>Behind the run of characters of some classes that begins at a place.</summary>
    public static int SkipWhile(ReadOnlySpan<byte> text, int at, uint classes)
    {
        while (at < text.Length && (Classes(At(text, at, out int length)) & classes) != 0)
            at += length;
        return at;
    }

    /// <summary>Behind the run of characters of no such classes that begins at a place.</summary>
    public static int SkipUnless(ReadOnlySpan<byte> text, int at, uint classes)
    {
        while (at < text.Length && (Classes(At(text, at, out int length)) & classes) == 0)
            at += length;
        return at;
    }

    /// <summary>Where the character before a place begins.</summary>
    public static int Before(ReadOnlySpan<byte> text, int at)
    {
        do
            at--;
        while ((text[at] & 0xC0) == 0x80);
        return at;
    }

    private static uint Compute(int codePoint)
    {
        uint classes = 1u << (int)CharUnicodeInfo.GetUnicodeCategory(codePoint);
        if (codePoint <= char.MaxValue && char.IsWhiteSpace((char)codePoint))
            classes |= Space;
        foreach ((int first, int last) in s_han)
        {
            if (codePoint >= first && codePoint <= last)
                classes |= Han;
        }

        return classes;
    }
}
