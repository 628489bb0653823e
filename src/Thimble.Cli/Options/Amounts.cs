using System.Globalization;

namespace Thimble.Cli.Options;

/// <summary>Amounts as people type them: <c>2GB</c>, <c>500ms</c>, <c>32k</c>.</summary>
internal static class Amounts
{
    private static readonly (string Unit, double Factor)[] s_bytes =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
        ("K", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("B", 1), ("", 1),
    ];

    private static readonly (string Unit, double Factor)[] s_times = [("us", 1e-6), ("ms", 1e-3), ("min", 60), ("s", 1), ("", 1)];

    private static readonly (string Unit, double Factor)[] s_counts = [("k", 1024), ("m", 1 << 20), ("", 1)];

    /// <summary>Bytes.</summary>
    /// <exception cref="ArgumentException">It is no such amount.</exception>
    public static long Bytes(string text) => (long)Read(text, s_bytes, "a size such as 2GB or 512MiB");

    /// <summary>A time.</summary>
    /// <exception cref="ArgumentException">It is no such amount.</exception>
    public static TimeSpan Time(string text) => TimeSpan.FromSeconds(Math.Min(Read(text, s_times, "a time such as 500ms or 2s"), TimeSpan.MaxValue.TotalSeconds / 2));

    /// <summary>A count of tokens, of which a thousand are 1,024.</summary>
    /// <exception cref="ArgumentException">It is no such amount.</exception>
    public static int Count(string text) => Read(text, s_counts, "a number such as 4096 or 32k") is <= int.MaxValue and var count
        ? (int)count
        : throw new ArgumentException($"'{text}' is too large.", nameof(text));

    private static double Read(string text, (string Unit, double Factor)[] units, string expected)
    {
        string trimmed = text.Trim();
        foreach ((string unit, double factor) in units)
        {
            if (trimmed.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(trimmed.AsSpan(0, trimmed.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
            {
                return number * factor;
            }
        }

        throw new ArgumentException($"'{text}' is no amount; expected {expected}.", nameof(text));
    }
}
