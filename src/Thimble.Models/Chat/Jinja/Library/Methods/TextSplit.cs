namespace Thimble.Models.Chat;

/// <summary>Python's ways of cutting a text into parts.</summary>
internal static class TextSplit
{
    /// <summary><c>split</c>: at a separator, or at runs of blanks, at most so many times from the front.</summary>
    public static List<string> Forward(string text, JinjaValue? separator, long most, Rendering rendering)
    {
        rendering.Charge(text.Length);
        if (separator is null or NoneValue)
            return Blanks(text, most);
        string between = Separator(separator, rendering);
        List<string> parts = [];
        int at = 0;
        for (int found; most != 0 && (found = text.IndexOf(between, at, StringComparison.Ordinal)) >= 0; most--)
        {
            rendering.Step();
            parts.Add(text[at..found]);
            at = found + between.Length;
        }
        parts.Add(text[at..]);
        return parts;
    }

    /// <summary><c>rsplit</c>: the same from the back.</summary>
    public static List<string> Backward(string text, JinjaValue? separator, long most, Rendering rendering)
    {
        if (most < 0)
            return Forward(text, separator, most, rendering);
        rendering.Charge(text.Length);
        if (separator is null or NoneValue)
            return BlanksBackward(text, most);
        string between = Separator(separator, rendering);
        List<string> parts = [];
        int end = text.Length;
        for (; most > 0; most--)
        {
            rendering.Step();
            int found = text.AsSpan(0, end).LastIndexOf(between);
            if (found < 0)
                break;
            parts.Add(text[(found + between.Length)..end]);
            end = found;
        }
        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }

    /// <summary><c>splitlines</c>.</summary>
    public static List<string> Lines(string text, bool keepsEnds)
    {
        List<string> lines = [];
        for (int start = 0; start < text.Length;)
        {
            int end = start;
            while (end < text.Length && !IsLineEnd(text[end]))
                end++;
            int next = end < text.Length ? end + 1 : end;
            if (next < text.Length && text[next - 1] == '\r' && text[next] == '\n')
                next++;
            lines.Add(text[start..(keepsEnds ? next : end)]);
            start = next;
        }
        return lines;
    }

    /// <summary><c>partition</c> and <c>rpartition</c>: before, separator, after.</summary>
    public static ListValue Partition(string text, string between, bool isLast)
    {
        int at = isLast ? text.LastIndexOf(between, StringComparison.Ordinal) : text.IndexOf(between, StringComparison.Ordinal);
        string[] parts = at >= 0
            ? [text[..at], between, text[(at + between.Length)..]]
            : isLast ? ["", "", text] : [text, "", ""];
        return new([.. parts.Select(JinjaValue.Of)], isTuple: true);
    }

    private static string Separator(JinjaValue separator, Rendering rendering) =>
        TextMethods.Want(separator, rendering) is { Length: > 0 } text ? text : throw rendering.Fault("a separator is empty.");

    private static List<string> Blanks(string text, long most)
    {
        List<string> parts = [];
        text = PythonText.TrimStart(text);
        while (text.Length > 0)
        {
            int end = 0;
            while (end < text.Length && !PythonText.IsSpace(text[end]))
                end++;
            if (most-- == 0)
            {
                parts.Add(text);
                break;
            }
            parts.Add(text[..end]);
            text = PythonText.TrimStart(text[end..]);
        }
        return parts;
    }

    private static List<string> BlanksBackward(string text, long most)
    {
        List<string> parts = [];
        text = PythonText.TrimEnd(text);
        while (text.Length > 0)
        {
            int start = text.Length;
            while (start > 0 && !PythonText.IsSpace(text[start - 1]))
                start--;
            if (most-- == 0)
            {
                parts.Add(text);
                break;
            }
            parts.Add(text[start..]);
            text = PythonText.TrimEnd(text[..start]);
        }
        parts.Reverse();
        return parts;
    }

    private static bool IsLineEnd(char c) => c is '\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029';
}
