using System.Text;

namespace Thimble.Lab.Evaluate;

/// <summary>Rows of comma-separated values; cells may be quoted and then hold commas, doubled quotes and line ends.</summary>
/// <remarks>Source: RFC 4180; a quote inside a quoted cell that neither closes it nor is doubled stands for itself.</remarks>
internal static class Csv
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
                // A quote that closes no cell was meant as text: common copies of MMLU do not double them.
                bool closes = c == '"' && (i + 1 == text.Length || text[i + 1] is ',' or '\r' or '\n');
                if (closes)
                    quoted = false;
                else
                    cell.Append(c);
                if (c == '"' && !closes && text[i + 1] == '"')
                    i++;
            }
            else if (c == '"' && cell.Length == 0)
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
}
