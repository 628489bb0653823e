using System.Globalization;

namespace Thimble.Cli.Output;

/// <summary>Amounts for people.</summary>
internal static class Units
{
    private static readonly string[] s_bytes = ["B", "kB", "MB", "GB", "TB"];
    private static readonly string[] s_counts = ["", "K", "M", "B", "T"];

    /// <summary>Bytes in powers of a thousand: <c>1.2 GB</c>.</summary>
    public static string Bytes(long bytes) => Scaled(bytes, s_bytes, " ");

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
