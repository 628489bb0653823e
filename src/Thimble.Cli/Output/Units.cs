using System.Globalization;

namespace Thimble.Cli.Output;

/// <summary>Amounts for people.</summary>
internal static class Units
{
    private static readonly string[] s_bytes = ["B", "kB", "MB", "GB", "TB"];
    private static readonly string[] s_counts = ["", "K", "M", "B", "T"];

    /// <summary>Bytes in powers of a thousand: <c>1.2 GB</c>.</summary>
    public static string Bytes(long bytes) => Scaled(bytes, s_bytes, " ");

    /// <summary>The bytes that a text such as <c>200MB</c> or <c>1.5GB</c> means.</summary>
    /// <exception cref="ArgumentException">It is no size.</exception>
    public static long Size(string text)
    {
        string number = text.TrimEnd('B', 'b', 'k', 'K', 'M', 'm', 'G', 'g', 'T', 't', 'i').TrimEnd();
        string unit = text[number.Length..].Trim().ToUpperInvariant().TrimEnd('B');
        double factor = unit switch { "" => 1, "K" => 1e3, "M" => 1e6, "G" => 1e9, "T" => 1e12, "KI" => 1024, "MI" => 1 << 20, "GI" => 1 << 30, _ => -1 };
        return factor > 0 && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0 && value * factor < long.MaxValue
            ? (long)(value * factor)
            : throw new ArgumentException($"'{text}' is no size; expected a number and a unit, as in 200MB.", nameof(text));
    }

    /// <summary>A count in powers of a thousand: <c>135.2M</c>.</summary>
    public static string Count(long count) => Scaled(count, s_counts, "");

    /// <summary>How long ago something was: <c>3 days ago</c>.</summary>
    public static string Ago(TimeSpan age) => age switch
    {
        { TotalMinutes: < 1 } => "just now",
        { TotalHours: < 1 } => Plural((int)age.TotalMinutes, "minute"),
        { TotalDays: < 1 } => Plural((int)age.TotalHours, "hour"),
        { TotalDays: < 60 } => Plural((int)age.TotalDays, "day"),
        { TotalDays: < 730 } => Plural((int)(age.TotalDays / 30.4), "month"),
        _ => Plural((int)(age.TotalDays / 365.25), "year"),
    };

    /// <summary>How long something will take: <c>1m 40s left</c>.</summary>
    public static string Left(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => $"{Math.Max(1, (int)time.TotalSeconds)}s left",
        { TotalHours: < 1 } => $"{time.Minutes}m {time.Seconds}s left",
        { TotalDays: < 1 } => $"{time.Hours}h {time.Minutes}m left",
        _ => $"{(int)time.TotalDays}d {time.Hours}h left",
    };

    private static string Plural(int count, string unit) => $"{count} {unit}{(count == 1 ? "" : "s")} ago";

    private static string Scaled(long amount, string[] units, string space)
    {
        double value = amount;
        int unit = 0;
        for (; value >= 999.5 && unit < units.Length - 1; unit++)
            value /= 1000;
        return $"{value.ToString(unit == 0 || value >= 99.95 ? "F0" : "F1", CultureInfo.InvariantCulture)}{(unit == 0 && space.Length == 0 ? "" : space)}{units[unit]}";
    }
}
