using System.Globalization;
using System.Text.RegularExpressions;

namespace Thimble.Lab.Evaluate;

/// <summary>What a judge's text says in numbers: its last <c>{'name': number, …}</c>.</summary>
internal static partial class Verdict
{
    /// <summary>The overall score, or the mean of all where there is none, over ten; null where there is no number.</summary>
    /// <remarks>A single score of at most 1 is one of the halves that corrections are given.</remarks>
    public static double? Of(string? text)
    {
        int start = text?.LastIndexOf('{') ?? -1;
        if (start < 0)
            return null;
        (string Name, double Value)[] scores =
        [
            .. Score().Matches(text![start..]).Select(match => (match.Groups[1].Value, double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))),
        ];
        if (scores.Length == 0)
            return null;
        int overall = Array.FindIndex(scores, score => score.Name.Contains("综合", StringComparison.Ordinal));
        double value = overall >= 0 ? scores[overall].Value : scores.Average(score => score.Value);
        return Math.Clamp(scores is [(_, <= 1)] ? value : value / 10, 0, 1);
    }

    [GeneratedRegex("""['"]([^'"]+)['"]\s*[:：]\s*(\d+(?:\.\d+)?)""")]
    private static partial Regex Score();
}
