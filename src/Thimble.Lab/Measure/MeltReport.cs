using System.Globalization;
using Thimble.Lab.Plots;

namespace Thimble.Lab.Measure;

/// <summary>A MELT result as a table and as a web page that needs nothing else.</summary>
public static class MeltReport
{
    private const int Listed = 12;   // operations shown of each run; the JSON has all

    /// <summary>The table: first its titles, then a row for each run.</summary>
    /// <param name="result">The result.</param>
    public static IReadOnlyList<string[]> Table(MeltResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return
        [
            ["model", "format", "engine", "threads", "load ms", "first token ms", "prefill t/s", "decode t/s", "± rerun", "of read speed", "peak MiB", "J/token", "loss/min", "matmul", "traced"],
            .. result.Runs.Select(run => (string[])
            [
                run.Model.Name, run.Model.Format, run.Engine, Text($"{run.Threads}"), Text(run.LoadMs), Text(run.FirstTokenMs), Text(run.Prefill), Text(run.Decode),
                Text($"{100 * run.RerunVariation:F1} %"), run.DecodeBytesPerSecond is { } bytes && run.ReadBytesPerSecond is { } best ? Text($"{100 * bytes / best:F0} %") : "-",
                run.PeakBytes is { } peak ? Text($"{peak / 1048576.0:F0}") : "-", run.JoulesPerToken is { } joules ? Text($"{joules:F3}") : "not measured",
                Percent(run.DecayPerMinute), Percent(run.MatMulShare), Percent(run.TracedShare),
            ]),
        ];
    }

    /// <summary>The page.</summary>
    /// <param name="result">The result.</param>
    public static string Html(MeltResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var page = new Page("MELT");
        page.Paragraph("Medians over replies, each configuration in fresh processes. The share of the read speed is that of all bytes a token reads, at the median.");
        page.Table(Table(result));
        page.Picture(Gallery.Speeds(result.Runs));
        if (result.Runs.Any(run => run.Sustained.Count > 1))
        {
            page.Picture(new Chart("Sustained", "seconds", "tokens decoded a second",
                [.. result.Runs.Where(run => run.Sustained.Count > 1).Select(run => new Series($"{run.Model.Format}, {run.Threads} threads", [.. run.Sustained.Select(point => (point.Seconds, point.TokensPerSecond, ""))], Joined: true))]));
        }

        foreach (MeltRun run in result.Runs.Where(run => run.Operations.Count > 0))
            Operations(page, run);
        return page.ToString();
    }

    /// <summary>What a per-operation log of llama.cpp says: a row for each graph.</summary>
    /// <param name="lines">The log's lines.</param>
    /// <exception cref="InvalidDataException">It breaks off, or a node cannot be read.</exception>
    public static IReadOnlyList<string[]> LlamaLog(IEnumerable<string> lines)
    {
        LlamaGraph[] graphs = [.. LlamaTrace.Read(lines)];
        string[] median = Spread.Of(graphs.Select(graph => graph.Milliseconds)) is { } all ? ["median", "", Text($"{all.Median:F1}"), ""] : ["no graph", "", "", ""];
        return
        [
            ["graph", "nodes", "ms", "MUL_MAT"],
            .. graphs.Select((graph, i) => (string[])[Text($"{i + 1}"), Text($"{graph.Nodes.Count}"), Text($"{graph.Milliseconds:F1}"), Percent(graph.ShareOf("MUL_MAT"))]),
            median,
        ];
    }

    private static void Operations(Page page, MeltRun run)
    {
        double all = run.Operations.Sum(operation => operation.Milliseconds);
        page.Heading($"Operations: {run.Model.Name}, {run.Threads} threads");
        page.Table(
        [
            ["kind", "count", "ms", "share"],
            .. run.Operations.GroupBy(operation => operation.Kind).OrderByDescending(kind => kind.Sum(operation => operation.Milliseconds)).Select(kind => (string[])
                [kind.Key, Text($"{kind.Sum(operation => operation.Count)}"), Text($"{kind.Sum(operation => operation.Milliseconds):F2}"), Percent(kind.Sum(operation => operation.Milliseconds) / all)]),
        ]);
        page.Table(
        [
            ["operation", "kind", "shape", "count", "ms", "GB/s"],
            .. run.Operations.OrderByDescending(operation => operation.Milliseconds).Take(Listed).Select(operation => (string[])
            [
                operation.Name, operation.Kind, $"{operation.Rows} × {operation.Inputs} → {operation.Outputs}", Text($"{operation.Count}"), Text($"{operation.Milliseconds:F2}"),
                operation.Bytes > 0 ? Text($"{operation.Bytes / operation.Milliseconds / 1e6:F1}") : "-",
            ]),
        ]);
    }

    private static string Text(Spread? spread) => spread is null ? "-" : Text($"{spread.Median:F1} [{spread.Low:F1}, {spread.High:F1}]");

    private static string Percent(double? share) => share is { } value ? Text($"{100 * value:F1} %") : "-";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
