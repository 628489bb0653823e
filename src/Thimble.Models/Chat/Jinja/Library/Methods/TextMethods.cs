namespace Thimble.Models.Chat;

/// <summary>The methods of Python's <c>str</c> that templates call.</summary>
internal static class TextMethods
{
    private static readonly Dictionary<string, Builtin> s_methods = Builtin.Table(
        Of("strip(self, chars?)", (text, b, rendering) => Strip(text, b[1], rendering, true, true)),
        Of("lstrip(self, chars?)", (text, b, rendering) => Strip(text, b[1], rendering, true, false)),
        Of("rstrip(self, chars?)", (text, b, rendering) => Strip(text, b[1], rendering, false, true)),
        Of("upper(self)", (text, b, rendering) => Casing.Upper(text)),
        Of("lower(self)", (text, b, rendering) => text.ToLowerInvariant()),
        Of("casefold(self)", (text, b, rendering) => text.ToLowerInvariant()),
        Of("title(self)", (text, b, rendering) => Casing.Title(text)),
        Of("capitalize(self)", (text, b, rendering) => Casing.Capital(text)),
        Of("swapcase(self)", (text, b, rendering) =>
            string.Concat(text.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)))),
        Of("replace(self, old, new, count?)", (text, b, rendering) =>
            Replace(text, Want(b[1]!, rendering), Want(b[2]!, rendering), Whole(b[3], -1, rendering), rendering)),
        Of("removeprefix(self, prefix)", (text, b, rendering) =>
            Want(b[1]!, rendering) is var prefix && text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text),
        Of("removesuffix(self, suffix)", (text, b, rendering) =>
            Want(b[1]!, rendering) is var suffix && text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text),
        Of("join(self, parts)", Join),
        Of("zfill(self, width)", (text, b, rendering) => Pad(text, b[1]!, '0', rendering)),
        Of("rjust(self, width)", (text, b, rendering) => Pad(text, b[1]!, ' ', rendering)),
        Of("ljust(self, width)", (text, b, rendering) => text + Pad(text, b[1]!, ' ', rendering)[..^text.Length]),
        Builtin.Of("split(self, sep?, maxsplit?)", (rendering, b) => List(TextSplit.Forward(Self(b), b[1], Whole(b[2], -1, rendering), rendering))),
        Builtin.Of("rsplit(self, sep?, maxsplit?)", (rendering, b) => List(TextSplit.Backward(Self(b), b[1], Whole(b[2], -1, rendering), rendering))),
        Builtin.Of("splitlines(self, keepends?)", (rendering, b) => List(TextSplit.Lines(Self(b), b[1]?.IsTrue ?? false))),
        Builtin.Of("partition(self, sep)", (rendering, b) => TextSplit.Partition(Self(b), Want(b[1]!, rendering), isLast: false)),
        Builtin.Of("rpartition(self, sep)", (rendering, b) => TextSplit.Partition(Self(b), Want(b[1]!, rendering), isLast: true)),
        Builtin.Of("startswith(self, prefix)", (rendering, b) => AnyOf(b[1]!, prefix => Self(b).StartsWith(prefix, StringComparison.Ordinal), rendering)),
        Builtin.Of("endswith(self, suffix)", (rendering, b) => AnyOf(b[1]!, suffix => Self(b).EndsWith(suffix, StringComparison.Ordinal), rendering)),
        Builtin.Of("find(self, part)", (rendering, b) => Place(Self(b), Self(b).IndexOf(Want(b[1]!, rendering), StringComparison.Ordinal))),
        Builtin.Of("rfind(self, part)", (rendering, b) => Place(Self(b), Self(b).LastIndexOf(Want(b[1]!, rendering), StringComparison.Ordinal))),
        Builtin.Of("index(self, part)", (rendering, b) => Self(b).IndexOf(Want(b[1]!, rendering), StringComparison.Ordinal) is var at and >= 0
            ? Place(Self(b), at)
            : throw rendering.Fault("'index' does not find its text.")),
        Builtin.Of("count(self, part)", (rendering, b) => JinjaValue.Of(Count(Self(b), Want(b[1]!, rendering)))),
        Is("isdigit(self)", char.IsDigit),
        Is("isdecimal(self)", char.IsDigit),
        Is("isnumeric(self)", char.IsNumber),
        Is("isalpha(self)", char.IsLetter),
        Is("isalnum(self)", char.IsLetterOrDigit),
        Is("isspace(self)", PythonText.IsSpace),
        Builtin.Of("isupper(self)", (_, b) => JinjaValue.Of(Self(b).Any(char.IsUpper) && !Self(b).Any(char.IsLower))),
        Builtin.Of("islower(self)", (_, b) => JinjaValue.Of(Self(b).Any(char.IsLower) && !Self(b).Any(char.IsUpper))));

    /// <summary>A method by name, bound to its text, or null.</summary>
    public static FunctionValue? Find(string name, TextValue self) => name == "format"
        ? new(name, (rendering, arguments) => JinjaValue.Of(TextFormat.Braces(self.Value, arguments, rendering)))
        : s_methods.GetValueOrDefault(name)?.Bind(self);

    /// <summary>A text without the blanks, or the characters given, at its ends.</summary>
    public static string Strip(string text, JinjaValue? chars, Rendering rendering, bool start, bool end)
    {
        rendering.Charge(text.Length);
        if (chars is not (null or NoneValue))
        {
            char[] set = Want(chars, rendering).ToCharArray();
            if (set.Length == 0)
                return text;
            text = start ? text.TrimStart(set) : text;
            return end ? text.TrimEnd(set) : text;
        }
        text = start ? PythonText.TrimStart(text) : text;
        return end ? PythonText.TrimEnd(text) : text;
    }

    /// <summary>A text with a part replaced, at most <paramref name="count"/> times unless that is negative.</summary>
    public static string Replace(string text, string old, string fresh, long count, Rendering rendering)
    {
        rendering.Charge(text.Length);
        var result = new Printer(rendering);
        int at = 0;
        for (; count != 0; count--)
        {
            int found = old.Length == 0 ? at : text.IndexOf(old, at, StringComparison.Ordinal);
            if (found < 0)
                break;
            result.Append(text[at..found]);
            result.Append(fresh);
            at = found + old.Length;
            if (old.Length > 0)
                continue;
            if (at == text.Length)
                break;
            result.Append(text[at++]);
        }
        result.Append(text[at..]);
        return result.ToString();
    }

    /// <summary>The words between runs of blanks.</summary>
    public static List<string> Words(string text)
    {
        List<string> words = [];
        for (int i = 0; i < text.Length; i++)
        {
            int start = i;
            while (i < text.Length && !PythonText.IsSpace(text[i]))
                i++;
            if (i > start)
                words.Add(text[start..i]);
        }
        return words;
    }

    /// <summary>A whole number, or what stands for a missing one.</summary>
    public static long Whole(JinjaValue? value, long standard, Rendering rendering) => value is null or NoneValue
        ? standard
        : Numbers.IsWhole(value, out long whole) ? whole : throw rendering.Fault($"an argument is {value.Kind}; a whole number is wanted.");

    /// <summary>A text; anything else is a fault.</summary>
    public static string Want(JinjaValue value, Rendering rendering) =>
        value is TextValue text ? text.Value : throw rendering.Fault($"an argument is {value.Kind}; a text is wanted.");

    private static string Self(JinjaValue?[] b) => ((TextValue)b[0]!).Value;

    private static Builtin Of(string head, Func<string, JinjaValue?[], Rendering, string> body) => Builtin.Of(head, (rendering, bound) =>
    {
        rendering.Charge(Self(bound).Length);
        return JinjaValue.Of(body(Self(bound), bound, rendering));
    });

    private static Builtin Is(string head, Func<char, bool> holds) =>
        Builtin.Of(head, (_, bound) => JinjaValue.Of(Self(bound).Length > 0 && Self(bound).All(holds)));

    private static ListValue List(List<string> parts) => new([.. parts.Select(JinjaValue.Of)]);

    private static JinjaValue AnyOf(JinjaValue affixes, Func<string, bool> holds, Rendering rendering) =>
        JinjaValue.Of(affixes is ListValue { IsTuple: true } tuple
            ? tuple.Items.Exists(affix => holds(Want(affix, rendering)))
            : holds(Want(affixes, rendering)));

    private static JinjaValue Place(string text, int at) => JinjaValue.Of(at < 0 ? -1L : PythonText.Count(text[..at]));

    private static long Count(string text, string part)
    {
        if (part.Length == 0)
            return PythonText.Count(text) + 1L;
        long count = 0;
        for (int at = 0; (at = text.IndexOf(part, at, StringComparison.Ordinal)) >= 0; at += part.Length)
            count++;
        return count;
    }

    private static string Join(string text, JinjaValue?[] b, Rendering rendering)
    {
        var joined = new Printer(rendering);
        bool isFirst = true;
        foreach (JinjaValue part in rendering.Elements(b[1]!))
        {
            rendering.Step();
            if (!isFirst)
                joined.Append(text);
            isFirst = false;
            joined.Append(Want(part, rendering));
        }
        return joined.ToString();
    }

    private static string Pad(string text, JinjaValue width, char with, Rendering rendering)
    {
        long wanted = Whole(width, 0, rendering);
        rendering.CheckLength(wanted);
        return new string(with, (int)Math.Max(0, wanted - PythonText.Count(text))) + text;
    }
}
