using System.Text;
using System.Text.RegularExpressions;

namespace Thimble.Lab.Evaluate;

/// <summary>Rows of comma-separated values; cells may be quoted and then hold commas, doubled quotes and line ends.</summary>
/// <remarks>Source: RFC 4180.</remarks>
internal static partial class Csv
{
    /// <summary>Reads rows.</summary>
    /// <param name="text">The file's text.</param>
    /// <returns>The number of the line that each row begins at, from 1, and its cells. Empty lines are left out.</returns>
    public static IEnumerable<(int Line, string[] Cells)> Read(string text)
    {
        List<string> cells = [];
        var cell = new StringBuilder();
        bool quoted = false;
        int line = 1, start = 1;
        for (int i = 0; i <= text.Length; i++)
        {
            char c = i < text.Length ? text[i] : '\n';
            if (c == '\n')
                line++;
            if (quoted && i < text.Length)
            {
                if (c != '"')
                    cell.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"')
                    cell.Append(text[i++]);
                else
                    quoted = false;
            }
            else if (c == '"')
            {
                quoted = true;
            }
            else if (c is ',' or '\n')
            {
                cells.Add(cell.ToString().TrimEnd('\r'));
                cell.Clear();
                if (c == ',')
                    continue;
                if (cells is not [""])
                    yield return (start, [.. cells]);
                cells.Clear();
                start = line;
            }
            else
            {
                cell.Append(c);
            }
        }
    }

    /// <summary>Reads rows of five quoted texts and a digit in whose texts quotes are not doubled, as a common copy of MMLU has them.</summary>
    /// <param name="text">The file's text, from the first row on.</param>
    /// <param name="line">The number of its first line.</param>
    /// <returns>The number of each row's line and its cells; what lies between rows as one cell.</returns>
    public static IEnumerable<(int Line, string[] Cells)> ReadUndoubled(string text, int line)
    {
        int at = 0;
        foreach (Match row in Undoubled().Matches(text))
        {
            if (text[at..row.Index] is var lost && !string.IsNullOrWhiteSpace(lost))
                yield return (line + Leading(lost), [lost.Trim()]);
            line += text.AsSpan(at, row.Index - at).Count('\n');
            yield return (line, [.. row.Groups.Values.Skip(1).Select(group => group.Value.Replace("\"\"", "\"", StringComparison.Ordinal))]);
            line += row.Value.AsSpan().Count('\n');
            at = row.Index + row.Length;
        }

        if (text[at..] is var rest && !string.IsNullOrWhiteSpace(rest))
            yield return (line + Leading(rest), [rest.Trim()]);

        static int Leading(string text) => text.AsSpan(0, text.Length - text.TrimStart().Length).Count('\n');
    }

    [GeneratedRegex("""^"(.*?)","(.*?)","(.*?)","(.*?)","(.*?)",(\d)\r?$""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Undoubled();
}
