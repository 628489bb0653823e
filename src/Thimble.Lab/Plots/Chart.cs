using System.Globalization;
using System.Net;
using System.Text;

namespace Thimble.Lab.Plots;

/// <summary>A row of points of one colour.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Where the points are, and what is written beside each; empty for nothing.</param>
/// <param name="Joined">Whether lines join them in order.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y, string Label)> Points, bool Joined = false)
{
    /// <summary>Whether each point is drawn as a dot.</summary>
    public bool Dots { get; init; } = true;
}

/// <summary>A picture of points in a plane, as SVG that needs nothing else.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Across">What goes from left to right, with its unit.</param>
/// <param name="Up">What goes up, with its unit.</param>
/// <param name="Series">The points.</param>
internal sealed record Chart(string Title, string Across, string Up, IReadOnlyList<Series> Series)
{
    private const int Width = 640, Height = 400, Left = 72, Right = 20, Top = 40, Bottom = 56;

    // Okabe and Ito's colours, told apart also by those who see red and green alike.
    private static readonly string[] s_colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

    /// <summary>Whether up begins at nothing, as amounts should.</summary>
    public bool FromZero { get; init; } = true;

    /// <summary>Points that nothing beats, both less across and less up being better: the Pareto front.</summary>
    public static IReadOnlyList<(double X, double Y, string Label)> Front(IEnumerable<(double X, double Y, string Label)> points)
    {
        List<(double X, double Y, string Label)> front = [];
        foreach (var point in points.OrderBy(point => point.X).ThenBy(point => point.Y))
        {
            if (front.Count == 0 || point.Y < front[^1].Y)
                front.Add(point);
        }

        return front;
    }

    /// <summary>The picture.</summary>
    public string ToSvg()
    {
        (double X, double Y, string Label)[] all = [.. Series.SelectMany(series => series.Points).Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y))];
        var across = Axis.Of(all.Select(point => point.X), fromZero: false);
        var up = Axis.Of(all.Select(point => point.Y), FromZero);
        var svg = new StringBuilder();
        Add(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">");
        Add(svg, $"<title>{Text(Title)}</title><rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>");
        Add(svg, $"<text x=\"{Left}\" y=\"22\" font-size=\"15\">{Text(Title)}</text>");
        Add(svg, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 12}\" text-anchor=\"middle\">{Text(Across)}</text>");
        Add(svg, $"<text transform=\"translate(16 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{Text(Up)}</text>");
        foreach (double tick in up.Ticks())
            Add(svg, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):F1}\" y2=\"{Y(tick):F1}\" stroke=\"#ddd\"/><text x=\"{Left - 6}\" y=\"{Y(tick) + 4:F1}\" text-anchor=\"end\">{tick:0.####}</text>");
        foreach (double tick in across.Ticks())
            Add(svg, $"<line x1=\"{X(tick):F1}\" x2=\"{X(tick):F1}\" y1=\"{Top}\" y2=\"{Height - Bottom}\" stroke=\"#eee\"/><text x=\"{X(tick):F1}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{tick:0.####}</text>");
        for (int i = 0; i < Series.Count; i++)
            Draw(svg, Series[i], s_colours[i % s_colours.Length], i);
        return svg.Append("</svg>").ToString();

        double X(double value) => Left + (across.Share(value) * (Width - Left - Right));
        double Y(double value) => Height - Bottom - (up.Share(value) * (Height - Top - Bottom));

        void Draw(StringBuilder svg, Series series, string colour, int place)
        {
            if (series.Joined)
                Add(svg, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{string.Join(' ', series.Points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.X):F1},{Y(point.Y):F1}")))}\"/>");
            foreach ((double x, double y, string label) in series.Points)
            {
                if (series.Dots)
                    Add(svg, $"<circle cx=\"{X(x):F1}\" cy=\"{Y(y):F1}\" r=\"3\" fill=\"{colour}\"/>");
                if (label.Length > 0)
                    Add(svg, $"<text x=\"{X(x) + 5:F1}\" y=\"{Y(y) - 5:F1}\" font-size=\"10\">{Text(label)}</text>");
            }

            if (Series.Count > 1)
                Add(svg, $"<circle cx=\"{Width - 150}\" cy=\"{Top + 8 + (15 * place)}\" r=\"4\" fill=\"{colour}\"/><text x=\"{Width - 142}\" y=\"{Top + 12 + (15 * place)}\">{Text(series.Name)}</text>");
        }
    }

    private static void Add(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}

/// <summary>An axis from one round number to another.</summary>
/// <param name="Low">Its beginning.</param>
/// <param name="High">Its end.</param>
/// <param name="Step">From tick to tick.</param>
internal readonly record struct Axis(double Low, double High, double Step)
{
    /// <summary>An axis that holds values.</summary>
    public static Axis Of(IEnumerable<double> values, bool fromZero)
    {
        double low = values.DefaultIfEmpty(0).Min(), high = values.DefaultIfEmpty(1).Max();
        if (fromZero)
            low = Math.Min(0, low);
        double span = high - low > 0 ? high - low : Math.Max(1e-9, Math.Abs(high));
        double power = Math.Pow(10, Math.Floor(Math.Log10(span / 5))), ratio = span / 5 / power;
        double step = power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
        double first = Math.Floor(low / step) * step, last = Math.Ceiling(high / step) * step;
        return new(first, last > first ? last : first + step, step);
    }

    /// <summary>Where a value lies, from 0 to 1.</summary>
    public double Share(double value) => (value - Low) / (High - Low);

    /// <summary>The ticks.</summary>
    public IEnumerable<double> Ticks()
    {
        int count = (int)Math.Round((High - Low) / Step);
        for (int i = 0; i <= count; i++)
            yield return Math.Round(Low + (i * Step), 10);
    }
}
