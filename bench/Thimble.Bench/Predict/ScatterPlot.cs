using System.Globalization;
using System.Text;

namespace Thimble.Bench;

/// <summary>Predicted over measured speeds as a picture, both on logarithmic scales.</summary>
internal static class ScatterPlot
{
    private const int Size = 480, Margin = 60;

    /// <summary>The picture as SVG.</summary>
    public static string Of(IReadOnlyList<(string Name, double Measured, double Predicted)> points)
    {
        double low = Math.Floor(points.Min(point => Math.Log10(Math.Min(point.Measured, point.Predicted)))), high = Math.Ceiling(points.Max(point => Math.Log10(Math.Max(point.Measured, point.Predicted))));
        var svg = new StringBuilder();
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Size + (2 * Margin)}\" height=\"{Size + (2 * Margin)}\" font-family=\"sans-serif\" font-size=\"12\">");
        Add($"<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><text x=\"{Margin}\" y=\"24\">predicted over measured tokens/s; the band is 25 %</text>");
        double band = Math.Log10(1.25);
        Add($"<polygon fill=\"#e8eef5\" points=\"{X(low)},{Y(low + band)} {X(high - band)},{Y(high)} {X(high)},{Y(high)} {X(high)},{Y(high - band)} {X(low + band)},{Y(low)} {X(low)},{Y(low)}\"/>");
        Add($"<line x1=\"{X(low)}\" y1=\"{Y(low)}\" x2=\"{X(high)}\" y2=\"{Y(high)}\" stroke=\"#777\"/>");
        for (double decade = low; decade <= high; decade++)
        {
            Add($"<text x=\"{X(decade)}\" y=\"{Size + Margin + 18}\" text-anchor=\"middle\">{Math.Pow(10, decade):G}</text><text x=\"{Margin - 8}\" y=\"{Y(decade) + 4}\" text-anchor=\"end\">{Math.Pow(10, decade):G}</text>");
            Add($"<path d=\"M{X(decade)} {Y(low)} V{Y(high)} M{X(low)} {Y(decade)} H{X(high)}\" stroke=\"#ddd\"/>");
        }

        foreach ((string name, double measured, double predicted) in points)
            Add($"<circle cx=\"{X(Math.Log10(measured)):F1}\" cy=\"{Y(Math.Log10(predicted)):F1}\" r=\"4\" fill=\"{(name.Contains("prefill", StringComparison.Ordinal) ? "#b3471d" : "#1d5fb3")}\"><title>{name}</title></circle>");
        Add($"</svg>");
        return svg.ToString();

        double X(double value) => Math.Round(Margin + (Size * (value - low) / (high - low)), 1);
        double Y(double value) => Math.Round(Margin + Size - (Size * (value - low) / (high - low)), 1);
        void Add(FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
