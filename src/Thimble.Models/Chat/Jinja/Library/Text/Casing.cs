using System.Text;

namespace Thimble.Models.Chat;

/// <summary>Capital letters as Python sets them.</summary>
internal static class Casing
{
    /// <summary><c>upper</c>: the sharp s, alone among common letters, becomes two.</summary>
    public static string Upper(string text) => text.ToUpperInvariant().Replace("ß", "SS", StringComparison.Ordinal);

    /// <summary><c>capitalize</c>: the first letter large, the rest small.</summary>
    public static string Capital(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    /// <summary>The method <c>title</c>: a letter is large where none stands before it.</summary>
    public static string Title(string text) => Raise(text, before => !char.IsLetter(before));

    /// <summary>The filter <c>title</c>: a letter is large after a blank, a hyphen or an opening bracket.</summary>
    public static string Headline(string text) => Raise(text, before => PythonText.IsSpace(before) || before is '-' or '(' or '{' or '[' or '<');

    private static string Raise(string text, Func<char, bool> isFirst)
    {
        var result = new StringBuilder(text.Length);
        char before = ' ';
        foreach (char c in text)
        {
            result.Append(isFirst(before) ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c));
            before = c;
        }
        return result.ToString();
    }
}
