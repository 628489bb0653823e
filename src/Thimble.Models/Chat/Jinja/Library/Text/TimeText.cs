using System.Globalization;
using System.Text;

namespace Thimble.Models.Chat;

/// <summary>Times as C's <c>strftime</c> writes them in the C locale.</summary>
internal static class TimeText
{
    private const string Known = "%a %A %b %B %c %d %D %e %f %F %h %H %I %j %m %M %n %p %R %S %t %T %u %w %y %Y %z %Z %%";

    /// <summary>Writes a time; a hyphen after the percent sign drops leading zeros.</summary>
    public static string Format(DateTimeOffset time, string format, Rendering rendering)
    {
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            bool isBare = format[++i] == '-' && i + 1 < format.Length;
            string field = Field(time, format[isBare ? ++i : i], rendering);
            text.Append(isBare && field.TrimStart('0') is var bare ? (bare.Length == 0 ? "0" : bare) : field);
        }
        return text.ToString();
    }

    private static string Field(DateTimeOffset time, char code, Rendering rendering) => code switch
    {
        'a' => Net(time, "ddd"),
        'A' => Net(time, "dddd"),
        'b' or 'h' => Net(time, "MMM"),
        'B' => Net(time, "MMMM"),
        'c' => Net(time, "ddd MMM ") + Field(time, 'e', rendering) + Net(time, " HH:mm:ss yyyy"),
        'd' => Net(time, "dd"),
        'D' or 'x' => Net(time, "MM/dd/yy"),
        'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'f' => Net(time, "ffffff"),
        'F' => Net(time, "yyyy-MM-dd"),
        'H' => Net(time, "HH"),
        'I' => Net(time, "hh"),
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'm' => Net(time, "MM"),
        'M' => Net(time, "mm"),
        'n' => "\n",
        'p' => Net(time, "tt"),
        'R' => Net(time, "HH:mm"),
        'S' => Net(time, "ss"),
        't' => "\t",
        'T' or 'X' => Net(time, "HH:mm:ss"),
        'u' => ((((int)time.DayOfWeek + 6) % 7) + 1).ToString(CultureInfo.InvariantCulture),
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'y' => Net(time, "yy"),
        'Y' => Net(time, "yyyy"),
        'z' or 'Z' => "",   // Python's now() knows no zone
        '%' => "%",
        _ => throw rendering.Fault($"'strftime_now' does not know '%{code}'; known: {Known}."),
    };

    private static string Net(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
