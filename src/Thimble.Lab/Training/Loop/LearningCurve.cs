using System.Globalization;
using Thimble.Lab.Plots;

namespace Thimble.Lab.Training;

/// <summary>How a training went: a line of figures for each step in a file beside the outcome, a plot for the terminal and a page with pictures.</summary>
/// <remarks>A training that goes on goes on with its curve too.</remarks>
public sealed class LearningCurve : IProgress<TrainingNews>, IDisposable
{
    private const int MostPoints = 300;   // of a picture: more would be one blur

    private readonly List<CurvePoint> _points = [];
    private readonly StreamWriter _lines;
    private readonly TimeProvider _clock;
    private readonly string _output;
    private long _last;

    /// <summary>Begins a curve, or goes on with the one that is there.</summary>
    /// <param name="output">The training's outcome; files are named after it: <c>OUTPUT.curve.csv</c> and <c>OUTPUT.html</c>.</param>
    /// <param name="begun">Steps that had been taken; later ones of an older curve are dropped.</param>
    /// <param name="clock">Tells the time; null for the system's.</param>
    public LearningCurve(string output, int begun = 0, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(output);
        (_output, _clock) = (Path.TrimEndingDirectorySeparator(output), clock ?? TimeProvider.System);
        string path = _output + ".curve.csv";
        if (begun > 0 && File.Exists(path))
            _points.AddRange(File.ReadLines(path).Select(CurvePoint.Read).OfType<CurvePoint>().Where(point => point.Step <= begun));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _lines = new StreamWriter(path, append: false) { AutoFlush = true };
        _lines.WriteLine(string.Join('\n', [CurvePoint.Names, .. _points.Select(point => point.Line)]));
        _last = _clock.GetTimestamp();
    }

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<CurvePoint> Points => _points;

    /// <summary>Where the page is written.</summary>
    public string PagePath => _output + ".html";

    /// <summary>Adds a step.</summary>
    public void Report(TrainingNews value)
    {
        long now = _clock.GetTimestamp();
        double seconds = _clock.GetElapsedTime(_last, now).TotalSeconds;
        var point = new CurvePoint(value.Step.Number, value.Step.Loss, value.HeldOut, value.Step.Rate, seconds > 0 ? value.Step.Tokens / seconds : 0, value.Step.Sparsity);
        _points.Add(point);
        _lines.WriteLine(point.Line);
        _last = now;
    }

    /// <summary>The losses as a picture in characters.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Lines.</param>
    public string ToText(int width = 64, int height = 12) => new TextChart([.. Losses(width)], width, height).ToString();

    /// <summary>Writes the page: losses, rate and speed, with nothing that lies elsewhere.</summary>
    public void WritePage()
    {
        string name = Path.GetFileName(_output);
        var page = new Page($"Learning curve of {name}");
        if (_points.Count > 0)
        {
            double? heldOut = _points.FindLast(point => point.HeldOut is not null).HeldOut;
            page.Paragraph(string.Create(CultureInfo.InvariantCulture, $"{_points[^1].Step} steps; last loss {_points[^1].Loss:F4}{(heldOut is { } loss ? $", held out {loss:F4} nats a token (perplexity {Math.Exp(loss):F2})" : "")}."));
            page.Picture(new Chart("Loss", "step", "nats a token", [.. Losses(MostPoints)]) { FromZero = false });
            page.Picture(Picture("Rate", "rate", point => point.Rate));
            page.Picture(Picture("Speed", "tokens a second", point => point.TokensPerSecond));
            if (_points.Exists(point => point.Sparsity is not null))
                page.Picture(Picture("Gates at nothing", "share", point => point.Sparsity ?? double.NaN));
            page.Heading("Held out");
            page.Table([["step", "nats a token", "perplexity"], .. _points.Where(point => point.HeldOut is not null).Select(Row)]);
        }

        File.WriteAllText(PagePath, page.ToString());
    }

    /// <summary>Closes the file of figures.</summary>
    public void Dispose() => _lines.Dispose();

    private static string[] Row(CurvePoint point) =>
    [
        point.Step.ToString(CultureInfo.InvariantCulture), point.HeldOut!.Value.ToString("F4", CultureInfo.InvariantCulture), Math.Exp(point.HeldOut.Value).ToString("F2", CultureInfo.InvariantCulture),
    ];

    private Chart Picture(string title, string up, Func<CurvePoint, double> value) =>
        new(title, "step", up, [new(title, Means(_points, MostPoints, value), Joined: true) { Dots = false }]);

    private IEnumerable<Series> Losses(int most)
    {
        yield return new("loss", Means(_points, most, point => point.Loss), Joined: true) { Dots = false };
        CurvePoint[] heldOut = [.. _points.Where(point => point.HeldOut is not null)];
        if (heldOut.Length > 0)
            yield return new("held out", [.. heldOut.Select(point => ((double)point.Step, point.HeldOut!.Value, ""))], Joined: true);
    }

    /// <summary>Means of neighbouring steps, at most so many.</summary>
    private static List<(double X, double Y, string Label)> Means(List<CurvePoint> points, int most, Func<CurvePoint, double> value)
    {
        int each = Math.Max(1, (points.Count + most - 1) / most);
        return [.. points.Chunk(each).Select(part => (part.Average(point => (double)point.Step), part.Average(value), ""))];
    }
}
