using System.Globalization;

namespace Thimble.Models.Chat;

/// <summary>Texts and numbers as Python writes, counts and cuts them.</summary>
internal static class PythonText
{
    /// <summary>The number of code points.</summary>
    public static int Count(string text)
    {
        int count = text.Length;
        for (int i = 0; i + 1 < text.Length; i++)
        {
            if (char.IsSurrogatePair(text[i], text[i + 1]))
                count--;
        }
        return count;
    }

    /// <summary>A run of code points.</summary>
    public static string Cut(string text, int start, int count)
    {
        int from = Advance(text, 0, start);
        return text[from..Advance(text, from, count)];
    }

    /// <summary>Python's <c>repr</c> of a float: the shortest digits that read back, with an exponent from 1e16 up and below 1e-4.</summary>
    public static string Float(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        if (value == 0)
            return double.IsNegative(value) ? "-0.0" : "0.0";

        string shortest = value.ToString("E16", CultureInfo.InvariantCulture);
        string round = value.ToString("R", CultureInfo.InvariantCulture);
        int exponent = int.Parse(shortest[(shortest.IndexOf('E', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
        string digits = new([.. round.Split('E')[0].Where(char.IsAsciiDigit)]);
        digits = digits.TrimStart('0').TrimEnd('0');
        string sign = value < 0 ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            string mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
            return $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        return digits.Length <= exponent + 1
            ? $"{sign}{digits.PadRight(exponent + 1, '0')}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary>Python's <c>repr</c> of a text.</summary>
    public static void Quote(string text, Printer to)
    {
        char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        to.Append(quote);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            switch (c)
            {
                case '\\': to.Append("\\\\"); break;
                case '\n': to.Append("\\n"); break;
                case '\r': to.Append("\\r"); break;
                case '\t': to.Append("\\t"); break;
                case var _ when c == quote: to.Append("\\" + c); break;
                case var _ when i + 1 < text.Length && char.IsSurrogatePair(c, text[i + 1]):
                    to.Append(c);
                    to.Append(text[++i]);
                    break;
                case var _ when IsPrintable(c): to.Append(c); break;
                default: to.Append(c < 256 ? $"\\x{(int)c:x2}" : $"\\u{(int)c:x4}"); break;
            }
        }
        to.Append(quote.ToString());
    }

    /// <summary>Whether Python's <c>str.isspace</c> holds: .NET's white space and the four separators of ASCII.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static string TrimStart(string text)
    {
        int from = 0;
        while (from < text.Length && IsSpace(text[from]))
            from++;
        return text[from..];
    }

    public static string TrimEnd(string text)
    {
        int to = text.Length;
        while (to > 0 && IsSpace(text[to - 1]))
            to--;
        return text[..to];
    }

    private static int Advance(string text, int from, int count)
    {
        for (; count > 0 && from < text.Length; count--)
            from += char.IsSurrogatePair(text, from) ? 2 : 1;
        return from;
    }

    private static bool IsPrintable(char c) => c == ' ' || char.GetUnicodeCategory(c) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or
        UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
