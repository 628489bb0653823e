using System.Globalization;
using System.Text;

namespace Thimble.Lab.Plots;

/// <summary>A picture of points in characters, for a terminal: the first row of points as dots, the second as circles, and so on.</summary>
/// <param name="Series">The points; what is written beside them is left out.</param>
/// <param name="Width">Columns of the picture.</param>
/// <param name="Height">Lines of it.</param>
internal sealed record TextChart(IReadOnlyList<Series> Series, int Width = 64, int Height = 12)
{
    private const string Marks = "·o+x";

    /// <summary>The picture, with an axis at the left and one below; empty without points.</summary>
    public override string ToString()
    {
        (double X, double Y, string Label)[] all = [.. Series.SelectMany(series => series.Points).Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y))];
        if (all.Length == 0)
            return "";
        double left = all.Min(point => point.X), right = Math.Max(left + 1e-9, all.Max(point => point.X));
        double low = all.Min(point => point.Y), high = all.Max(point => point.Y);
        if (high - low < 1e-9)
            (low, high) = (low - 0.5, high + 0.5);
        char[][] lines = [.. Enumerable.Range(0, Height).Select(_ => Enumerable.Repeat(' ', Width).ToArray())];
        for (int i = 0; i < Series.Count; i++)
        {
            foreach ((double x, double y, _) in Series[i].Points.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y)))
                lines[(int)Math.Round((high - y) / (high - low) * (Height - 1))][(int)Math.Round((x - left) / (right - left) * (Width - 1))] = Marks[i % Marks.Length];
        }

        var text = new StringBuilder();
        for (int i = 0; i < Height; i++)
            text.Append(Tick(high - ((high - low) * i / (Height - 1)), i)).Append(" | ").Append(new string(lines[i]).TrimEnd()).Append('\n');
        string first = left.ToString("0.##", CultureInfo.InvariantCulture), last = right.ToString("0.##", CultureInfo.InvariantCulture);
        text.Append(' ', 9).Append("+-").Append('-', Width).Append('\n').Append(' ', 11).Append(first).Append(last.PadLeft(Math.Max(1, Width - first.Length))).Append('\n');
        if (Series.Count > 1)
            text.Append(' ', 11).AppendJoin("   ", Series.Select((series, i) => $"{Marks[i % Marks.Length]} {series.Name}")).Append('\n');
        return text.ToString();
    }

    private string Tick(double value, int line) =>
        line == 0 || line == Height - 1 || line == Height / 2 ? value.ToString("0.####", CultureInfo.InvariantCulture).PadLeft(8) : new string(' ', 8);
}
