using System.Text;

namespace Thimble.Models.Chat;

/// <summary>Looks at the end of a text that grows.</summary>
internal static class Tail
{
    /// <summary>Whether a text ends so. Costs the mark's length at most.</summary>
    public static bool Is(StringBuilder text, string mark) => Is(text, text.Length, mark);

    /// <summary>Whether a text's first <paramref name="length"/> characters end so.</summary>
    public static bool Is(StringBuilder text, int length, string mark)
    {
        if (length < mark.Length)
            return false;
        for (int i = 1; i <= mark.Length; i++)   // from the end: there a builder's characters are found at once
        {
            if (text[length - i] != mark[^i])
                return false;
        }

        return true;
    }

    /// <summary>Where the space at the end of a text's first <paramref name="length"/> characters begins.</summary>
    public static int Space(StringBuilder text, int length)
    {
        while (length > 0 && char.IsWhiteSpace(text[length - 1]))
            length--;
        return length;
    }
}
