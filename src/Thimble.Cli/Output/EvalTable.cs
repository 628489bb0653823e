using System.Globalization;
using Thimble.Lab.Evaluate;

namespace Thimble.Cli.Output;

/// <summary>An evaluation as text: each score with its interval, and beside it what answers without a model come to.</summary>
internal static class EvalTable
{
    private const int Named = 5;   // broken rows and unanswered questions named; the JSON names all

    /// <summary>Writes it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="result">The evaluation.</param>
    /// <param name="groups">Whether parts of suites are written.</param>
    public static void Write(TextWriter output, EvaluationResult result, bool groups)
    {
        foreach (SuiteResult suite in result.Suites)
        {
            int answered = suite.Questions - suite.Unanswered.Count;
            output.WriteLine(suite.Questions > 0 ? Text($"{suite.Name}: {answered} of {suite.Questions} questions answered in {suite.Seconds:F1} s") : suite.Name);
            TextTable.Write(output, [.. suite.Metrics.Select(Row), .. suite.Baselines.Select(Row)], "  ");
            if (suite.Kept is { } kept)
                output.WriteLine($"  kept {Share(kept)} of the reference's {Text($"{kept.Reference:F4}")}, {kept.Pairs} pairs");
            if (groups && suite.Groups.Count > 0)
                TextTable.Write(output, [.. suite.Groups.Select(Row)], "    ");
            List(output, "unanswered", [.. suite.Unanswered.Select(item => $"{item.Id}: {item.Reason}")]);
            List(output, "rows that could not be used", [.. suite.Broken.Select(item => $"{item.File}, row {item.Number}: {item.Reason}")]);
            if (suite.Method.Length > 0)
                output.WriteLine($"  ({suite.Method})");
        }
    }

    private static string[] Row(Metric metric) => metric.Interval == "none"
        ? [metric.Name, Text($"{metric.Value:F4}"), ""]
        : [metric.Name, Text($"{metric.Value:F4}"), Text($"[{metric.Low:F4}, {metric.High:F4}] {metric.Interval}")];

    private static string[] Row(Baseline baseline) => [$"without a model: {baseline.Name}", Text($"{baseline.Value:F4}"), ""];

    private static string[] Row(GroupResult group) =>
    [
        group.Name, Text($"{group.Metric.Value:F4}"), Text($"[{group.Metric.Low:F4}, {group.Metric.High:F4}]"), Text($"{group.Metric.Count}"),
        string.Join(", ", group.Baselines.Select(baseline => Text($"{baseline.Name} {baseline.Value:F3}"))), group.Kept is { } kept ? "kept " + Share(kept) : "",
    ];

    private static string Share(Retention kept) => kept.Share is { } share ? Text($"{100 * share:F1} % [{100 * kept.Low:F1}, {100 * kept.High:F1}]") : "nothing to keep";

    private static void List(TextWriter output, string what, IReadOnlyList<string> items)
    {
        if (items.Count == 0)
            return;
        output.WriteLine(Text($"  {items.Count} {what}:"));
        foreach (string item in items.Take(Named))
            output.WriteLine($"    {item}");
        if (items.Count > Named)
            output.WriteLine(Text($"    and {items.Count - Named} more"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
