using System.Globalization;

namespace Thimble.Models.Chat;

/// <summary>Filters on numbers.</summary>
internal static class NumberFilters
{
    public static IEnumerable<Builtin> All { get; } =
    [
        Builtin.Of("abs(value)", (rendering, b) => b[0] switch
        {
            FloatValue real => JinjaValue.Of(Math.Abs(real.Value)),
            var value when Numbers.IsWhole(value, out long whole) && whole != long.MinValue => JinjaValue.Of(Math.Abs(whole)),
            _ => throw rendering.Fault($"'abs' wants a number and got {b[0]!.Kind}."),
        }),
        Builtin.Of("round(value, precision?, method?)", Round),
        Builtin.Of("int(value, default?, base?)", Int),
        Builtin.Of("float(value, default?)", (rendering, b) => Float(rendering, b[0]!) is { } value
            ? JinjaValue.Of(value)
            : b[1] ?? JinjaValue.Of(0.0)),
    ];

    private static JinjaValue Round(Rendering rendering, JinjaValue?[] b)
    {
        if (!Numbers.IsNumber(b[0], out double value))
            throw rendering.Fault($"'round' wants a number and got {b[0]!.Kind}.");
        int precision = (int)Math.Clamp(TextMethods.Whole(b[1], 0, rendering), -15, 15);
        string method = b[2] is null ? "common" : rendering.Text(b[2]!);
        double scale = Math.Pow(10, precision);
        double rounded = method switch
        {
            "ceil" => Math.Ceiling(value * scale) / scale,
            "floor" => Math.Floor(value * scale) / scale,
            "common" => precision < 0 ? Math.Round(value * scale) / scale : Nearest(value, precision),
            _ => throw rendering.Fault($"'round' knows the methods common, ceil and floor; got '{method}'."),
        };
        return b[0] is FloatValue || method != "common" ? JinjaValue.Of(rounded) : b[0]!;
    }

    /// <summary>Rounds the exact binary value, as Python does, by way of its full decimal expansion.</summary>
    private static double Nearest(double value, int precision) => Math.Abs(value) < 1e15
        ? double.Parse(value.ToString("F" + precision, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) is var near
            && precision == 0 && Math.Abs(value - Math.Truncate(value)) == 0.5 ? Math.Round(value, MidpointRounding.ToEven) : near
        : value;

    private static JinjaValue Int(Rendering rendering, JinjaValue?[] b)
    {
        JinjaValue standard = b[1] ?? JinjaValue.Of(0L);
        if (Numbers.IsWhole(b[0], out long whole))
            return JinjaValue.Of(whole);
        if (b[0] is TextValue { Value: var text } && ReadWhole(text, TextMethods.Whole(b[2], 10, rendering)) is { } read)
            return JinjaValue.Of(read);
        return Float(rendering, b[0]!) is { } value && Math.Abs(value) < 9.2e18 ? JinjaValue.Of((long)Math.Truncate(value)) : standard;
    }

    private static long? ReadWhole(string text, long numberBase)
    {
        text = PythonText.TrimEnd(PythonText.TrimStart(text)).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        if (numberBase == 10)
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long ten) ? ten : null;
        string digits = text.StartsWith("0x", StringComparison.Ordinal) || text.StartsWith("0b", StringComparison.Ordinal) ? text[2..] : text;
        return numberBase switch
        {
            16 => long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long sixteen) ? sixteen : null,
            2 => long.TryParse(digits, NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out long two) ? two : null,
            _ => null,
        };
    }

    private static double? Float(Rendering rendering, JinjaValue value)
    {
        if (value is UndefinedValue missing)
            throw missing.Fault(rendering);
        if (Numbers.IsNumber(value, out double number))
            return number;
        return value is TextValue { Value: var text } && double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double read)
            ? read
            : null;
    }
}
