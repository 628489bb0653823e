using System.Globalization;

namespace Thimble.Models.Chat;

/// <summary>Python's two ways of filling a text with values: <c>'%s' % x</c> and <c>'{}'.format(x)</c>.</summary>
internal static class TextFormat
{
    /// <summary>Fills <c>%s</c>, <c>%r</c>, <c>%d</c>, <c>%f</c>, <c>%x</c> and <c>%%</c>, with flags, width and precision.</summary>
    public static string Percent(string format, JinjaValue values, Rendering rendering)
    {
        var places = new Queue<JinjaValue>(values is ListValue { IsTuple: true } tuple ? tuple.Items : [values]);
        var text = new Printer(rendering);
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }
            int start = ++i;
            if (i < format.Length && format[i] == '(')
                i = format.IndexOf(')', i) + 1;
            int spec = i;
            while (i < format.Length && (char.IsAsciiDigit(format[i]) || format[i] is '-' or '+' or ' ' or '#' or '.'))
                i++;
            if (i >= format.Length || i < start)
                throw rendering.Fault("a '%' format is not complete.");
            if (format[i] == '%')
            {
                text.Append("%");
                continue;
            }
            JinjaValue value = format[start] == '(' ? ItemExpression.Get(values, JinjaValue.Of(format[(start + 1)..(spec - 1)]), rendering) : Next(places, rendering);
            text.Append(Field(value, format[spec..i], format[i], rendering));
        }
        if (places.Count > 0 && values is not DictValue && (values is not ListValue { IsTuple: false } || !format.Contains('%', StringComparison.Ordinal)))
            throw rendering.Fault("a '%' format got more values than it has fields.");
        return text.ToString();
    }

    /// <summary>Fills <c>{}</c>, <c>{0}</c> and <c>{name}</c>, with a format after a colon.</summary>
    public static string Braces(string format, Arguments arguments, Rendering rendering)
    {
        var text = new Printer(rendering);
        int automatic = 0;
        for (int i = 0; i < format.Length; i++)
        {
            char c = format[i];
            if (c is not ('{' or '}'))
            {
                text.Append(c);
                continue;
            }
            if (i + 1 < format.Length && format[i + 1] == c)
            {
                text.Append(format[++i]);
                continue;
            }
            int end = c == '{' ? format.IndexOf('}', i) : -1;
            if (end < 0)
                throw rendering.Fault("'format' got a single brace.");
            string[] field = format[(i + 1)..end].Split(':', 2);
            JinjaValue value = Argument(field[0], ref automatic, arguments, rendering);
            string spec = field.Length > 1 ? field[1] : "";
            char kind = spec.Length > 0 && char.IsAsciiLetter(spec[^1]) ? spec[^1] : 's';
            text.Append(Field(value, spec.TrimEnd(kind), kind, rendering));
            i = end;
        }
        return text.ToString();
    }

    private static JinjaValue Argument(string name, ref int automatic, Arguments arguments, Rendering rendering)
    {
        if (name.Length == 0)
            name = automatic++.ToString(CultureInfo.InvariantCulture);
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int place))
            return place < arguments.Places.Count ? arguments.Places[place] : throw rendering.Fault($"'format' has no value for field {place}.");
        return arguments.Names.GetValueOrDefault(name) ?? throw rendering.Fault($"'format' has no value for field '{name}'.");
    }

    private static JinjaValue Next(Queue<JinjaValue> places, Rendering rendering) =>
        places.TryDequeue(out JinjaValue? value) ? value : throw rendering.Fault("a '%' format has more fields than values.");

    private static string Field(JinjaValue value, string spec, char kind, Rendering rendering)
    {
        string flags = new([.. spec.TakeWhile(c => c is '-' or '+' or ' ' or '#' or '0' or '<' or '>')]);
        string[] sizes = spec[flags.Length..].Split('.');
        int width = Size(sizes[0], 0, rendering), precision = Size(sizes.Length > 1 ? sizes[1] : "", -1, rendering);
        string text = kind switch
        {
            's' => precision >= 0 ? PythonText.Cut(rendering.Text(value), 0, precision) : rendering.Text(value),
            'r' => Quoted(value, rendering),
            'd' or 'i' => ((long)Number(value, rendering)).ToString(CultureInfo.InvariantCulture),
            'x' => ((long)Number(value, rendering)).ToString("x", CultureInfo.InvariantCulture),
            'f' or 'F' => Number(value, rendering).ToString("F" + (precision < 0 ? 6 : precision), CultureInfo.InvariantCulture),
            _ => throw rendering.Fault($"the format '{kind}' is unknown; known: d, f, i, r, s, x."),
        };
        if (flags.Contains('+', StringComparison.Ordinal) && kind is 'd' or 'f' && text[0] != '-')
            text = "+" + text;
        bool isLeft = flags.Contains('-', StringComparison.Ordinal) || flags.Contains('<', StringComparison.Ordinal);
        bool padsZero = flags.Contains('0', StringComparison.Ordinal) && kind is not ('s' or 'r');
        return isLeft ? text.PadRight(width) : text.PadLeft(width, padsZero ? '0' : ' ');
    }

    private static int Size(string digits, int standard, Rendering rendering) => digits.Length == 0
        ? standard
        : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size <= 10_000
            ? size
            : throw rendering.Fault($"'{digits}' is no size of a formatted field.");

    private static string Quoted(JinjaValue value, Rendering rendering)
    {
        var quoted = new Printer(rendering);
        value.PrintQuoted(quoted);
        return quoted.ToString();
    }

    private static double Number(JinjaValue value, Rendering rendering) => Numbers.IsNumber(value, out double number)
        ? number
        : throw rendering.Fault($"a format wants a number and got {value.Kind}.");
}
