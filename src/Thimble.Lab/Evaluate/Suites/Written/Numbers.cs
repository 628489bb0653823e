using System.Globalization;
using System.Text.RegularExpressions;

namespace Thimble.Lab.Evaluate;

/// <summary>Numbers in what a model wrote.</summary>
internal static partial class Numbers
{
    /// <summary>The number behind <c>####</c>, as GSM8K's answers mark it; null for none.</summary>
    public static decimal? Marked(string text) => Marks().Match(text) is { Success: true } match ? Value(match.Groups[1].Value) : null;

    /// <summary>The last number; null for none.</summary>
    public static decimal? Last(string text) => Any().Matches(text) is { Count: > 0 } found ? Value(found[^1].Value) : null;

    /// <summary>All numbers, in order.</summary>
    public static IEnumerable<decimal> All(string text) => Any().Matches(text).Select(match => Value(match.Value)).OfType<decimal>();

    private static decimal? Value(string text) =>
        decimal.TryParse(text.TrimEnd('.', ',').Replace(",", "", StringComparison.Ordinal), NumberStyles.Number, CultureInfo.InvariantCulture, out decimal value) ? value : null;

    [GeneratedRegex(@"#### ?\$?(-?[0-9][0-9,.]*)")]
    private static partial Regex Marks();

    [GeneratedRegex(@"-?[0-9][0-9,]*(?:\.[0-9]+)?")]
    private static partial Regex Any();
}
