using System.Globalization;

namespace Thimble.Models.Tokens;

/// <summary>Cuts runs of digits into threes counted from the right, as numbers are written: <c>1|234|567</c>.</summary>
/// <remarks>As patterns, <c>\d{1,3}(?=(?:\d{3})*\b)</c> and <c>(?=(\d{3})+(?!\d))</c> take quadratic time on a long number.</remarks>
/// <param name="digit">Classes of <see cref="CodePoint"/> that count as digits.</param>
/// <param name="apart">Whether what lies between numbers is cut from them, too.</param>
internal sealed class DigitGroups(uint digit, bool apart = true) : Splitter
{
    public const uint Decimal = 1u << (int)UnicodeCategory.DecimalDigitNumber;

    public override int Next(ReadOnlySpan<byte> text, int at)
    {
        if ((CodePoint.ClassesAt(text, at, out _) & digit) == 0)
        {
            at = CodePoint.SkipUnless(text, at, digit);
            if (apart || at == text.Length)
                return at;
        }

        // Behind a digit the rest of its number is threes, since the part before ended here.
        bool inside = at > 0 && (CodePoint.ClassesAt(text, CodePoint.Before(text, at), out _) & digit) != 0;
        int digits = inside ? 3 : 0, end = at;
        for (; !inside && (CodePoint.ClassesAt(text, end, out int length) & digit) != 0; end += length)
            digits++;

        int group = digits % 3 == 0 ? 3 : digits % 3;
        for (; group > 0; group--)
        {
            CodePoint.ClassesAt(text, at, out int length);
            at += length;
        }

        return at;
    }
}
