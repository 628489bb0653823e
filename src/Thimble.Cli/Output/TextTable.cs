namespace Thimble.Cli.Output;

/// <summary>Rows in columns that are as wide as their widest text, three spaces apart.</summary>
internal static class TextTable
{
    /// <summary>Writes rows of equal length.</summary>
    public static void Write(TextWriter output, IReadOnlyList<string[]> rows, string indent = "")
    {
        if (rows.Count == 0)
            return;

        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            string line = string.Join("   ", row.Select((text, column) => text.PadRight(widths[column])));
            output.WriteLine((indent + line).TrimEnd());
        }
    }
}
