using System.Globalization;
using Thimble.Planning;

namespace Thimble.Cli.Output;

/// <summary>Measurements in the shape of llama-bench's table, with the share of the reading speed behind it.</summary>
internal static class BenchTable
{
    private const double Mebi = 1 << 20, Gibi = 1 << 30;

    private static readonly string[] s_titles = ["model", "size", "params", "backend", "threads", "test", "t/s", "of read speed"];

    /// <summary>Writes the table, and the reading speed below it.</summary>
    public static void Write(TextWriter output, BenchmarkResult result)
    {
        List<string[]> rows = [s_titles, .. result.Tests.Select(test => Row(result, test))];
        int[] widths = [.. Enumerable.Range(0, s_titles.Length).Select(column => rows.Max(row => row[column].Length))];
        for (int i = 0; i < rows.Count; i++)
        {
            output.WriteLine($"| {string.Join(" | ", rows[i].Select((text, column) => IsWord(column) ? text.PadRight(widths[column]) : text.PadLeft(widths[column])))} |");
            if (i == 0)
                output.WriteLine($"| {string.Join(" | ", widths.Select((width, column) => IsWord(column) ? new string('-', width) : new string('-', width - 1) + ":"))} |");
        }

        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"read speed: {result.ReadBytesPerSecond / 1e9:F1} GB/s with {result.Threads} threads"));
    }

    private static string[] Row(BenchmarkResult result, BenchmarkTest test) =>
    [
        $"{result.Model.Architecture} {Units.Count(result.Model.Parameters)} {result.Model.Format}",
        result.Model.Bytes < Gibi ? Text($"{result.Model.Bytes / Mebi:F2} MiB") : Text($"{result.Model.Bytes / Gibi:F2} GiB"),
        result.Model.Parameters < 1e9 ? Text($"{result.Model.Parameters / 1e6:F2} M") : Text($"{result.Model.Parameters / 1e9:F2} B"),
        "CPU",
        Text($"{result.Threads}"),
        test.Name,
        Text($"{test.Mean:F2} ± {test.Deviation:F2}"),
        test.ShareOf(result.ReadBytesPerSecond) is { } share ? Text($"{100 * share:F0} %") : "",
    ];

    /// <summary>Whether a column stands to the left: model and backend.</summary>
    private static bool IsWord(int column) => column is 0 or 3;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
