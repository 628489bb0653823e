using System.Text.Json;
using Thimble.Lab.Evaluate;
using Thimble.Lab.Measure;

namespace Thimble.Lab.Plots;

/// <summary>Pictures of results: what a format costs in quality and gives in speed, over bits per weight.</summary>
public static class Gallery
{
    /// <summary>Draws results.</summary>
    /// <param name="results">File names, for messages, and texts: what <c>eval --output</c> and <c>bench --suite melt --output</c> wrote.</param>
    /// <returns>A web page that needs nothing else.</returns>
    /// <exception cref="InvalidDataException">A text is neither.</exception>
    public static string Html(IEnumerable<(string Name, string Text)> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        List<EvaluationResult> evaluated = [];
        List<MeltRun> measured = [];
        foreach ((string name, string text) in results)
            Sort(name, text, evaluated, measured);

        var page = new Page("Quality and speed by bits per weight");
        foreach (string suite in evaluated.SelectMany(result => result.Suites).Where(suite => suite.Metrics.Count > 0).Select(suite => suite.Name).Distinct())
            Draw(page, suite, evaluated);
        if (measured.Count > 0)
            page.Picture(Speeds(measured));
        return page.ToString();
    }

    /// <summary>Tokens a second by format: a colour for each engine and number of threads.</summary>
    internal static Chart Speeds(IEnumerable<MeltRun> runs) => new("Tokens a second by format", "bits per weight", "tokens decoded a second",
    [
        .. runs.GroupBy(run => $"{run.Engine}, {run.Threads} threads").Select(group => new Series(
            group.Key, [.. group.Where(run => run.Decode is not null).Select(run => (run.Model.BitsPerWeight, run.Decode!.Median, run.Model.Format))])),
    ]);

    /// <summary>Perplexity by bits per weight, and the front of what nothing beats in both.</summary>
    internal static Chart Pareto(string title, IReadOnlyList<(double X, double Y, string Label)> points) => new(title, "bits per weight", "perplexity",
        [new("formats", points), new("Pareto front", [.. Chart.Front(points).Select(point => point with { Label = "" })], Joined: true)])
    {
        FromZero = false,
    };

    private static void Draw(Page page, string suite, List<EvaluationResult> results)
    {
        (EvaluatedModel Model, SuiteResult Suite)[] found =
            [.. results.SelectMany(result => result.Suites.Where(one => one.Name == suite && one.Metrics.Count > 0).Select(one => (result.Model, one)))];
        (double, double, string)[] points = [.. found.Select(one => (one.Model.BitsPerWeight, one.Suite.Metrics[0].Value, one.Model.Format))];
        string metric = found[0].Suite.Metrics[0].Name;
        page.Heading(suite);
        page.Picture(metric == "perplexity" ? Pareto(suite, points) : new Chart(suite, "bits per weight", metric, [new(metric, points), .. Chances(found)]));
        page.Table(
        [
            ["model", "format", "bits per weight", metric, "95 %"],
            .. found.Select(one => (string[])
            [
                one.Model.Name, one.Model.Format, Text($"{one.Model.BitsPerWeight:F2}"), Text($"{one.Suite.Metrics[0].Value:F4}"),
                Text($"{one.Suite.Metrics[0].Low:F4} to {one.Suite.Metrics[0].High:F4}"),
            ]),
        ]);
    }

    /// <summary>The best that needs no model, as a line across.</summary>
    private static IEnumerable<Series> Chances((EvaluatedModel Model, SuiteResult Suite)[] found)
    {
        Baseline[] baselines = [.. found.SelectMany(one => one.Suite.Baselines).Where(baseline => baseline.Name != "reference answer")];
        if (baselines.Length == 0)
            return [];
        double best = baselines.Max(baseline => baseline.Value), first = found.Min(one => one.Model.BitsPerWeight), last = found.Max(one => one.Model.BitsPerWeight);
        return [new("best without a model", [(first, best, ""), (last, best, "")], Joined: true)];
    }

    private static void Sort(string name, string text, List<EvaluationResult> evaluated, List<MeltRun> measured)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.TryGetProperty("suites", out _))
                evaluated.Add(JsonSerializer.Deserialize(text, EvaluationJson.Default.EvaluationResult)!);
            else if (document.RootElement.TryGetProperty("runs", out _))
                measured.AddRange(JsonSerializer.Deserialize(text, MeltJson.Default.MeltResult)!.Runs);
            else
                throw new InvalidDataException($"'{name}' is no result: it has neither 'suites', as eval writes them, nor 'runs', as bench --suite melt does.");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{name}' is no result of eval or bench --suite melt: {fault.Message}", fault);
        }
    }

    private static string Text(FormattableString text) => text.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
