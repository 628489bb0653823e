namespace Thimble.Models.Chat;

/// <summary>Filters that stand in for a missing value or change a value's form.</summary>
internal static class ConversionFilters
{
    public static IEnumerable<Builtin> All { get; } =
    [
        Builtin.Of("default(value, default_value?, boolean?)", Default),
        Builtin.Of("d(value, default_value?, boolean?)", Default),
        Builtin.Of("string(value)", (rendering, b) => b[0] is TextValue text ? text : JinjaValue.Of(rendering.Text(b[0]!))),
        Builtin.Of("tojson(value, ensure_ascii?, indent?, separators?, sort_keys?)", ToJson),
        Builtin.Of("from_json(value)", FromJson),
        Builtin.Of("fromjson(value)", FromJson),
        Builtin.Of("pprint(value)", (rendering, b) =>
        {
            var printer = new Printer(rendering);
            b[0]!.PrintQuoted(printer);
            return JinjaValue.Of(printer.ToString());
        }),
    ];

    private static JinjaValue Default(Rendering rendering, JinjaValue?[] b) =>
        b[0] is UndefinedValue || (b[2]?.IsTrue is true && !b[0]!.IsTrue) ? b[1] ?? TextValue.Empty : b[0]!;

    private static JinjaValue ToJson(Rendering rendering, JinjaValue?[] b)
    {
        string? indent = b[2] switch
        {
            null or NoneValue => null,
            TextValue text => text.Value,
            var width => new string(' ', (int)Math.Clamp(TextMethods.Whole(width, 0, rendering), 0, 100)),
        };
        (string item, string pair) = (indent is null ? ", " : ",", ": ");
        if (b[3] is ListValue { Items: [TextValue first, TextValue second] })
            (item, pair) = (first.Value, second.Value);
        var writer = new JsonText(rendering, b[1]?.IsTrue ?? false, indent, item, pair, b[4]?.IsTrue ?? false);
        return JinjaValue.Of(writer.Write(b[0]!));
    }

    private static JinjaValue FromJson(Rendering rendering, JinjaValue?[] b)
    {
        string text = rendering.Text(b[0]!);
        rendering.Charge(text.Length * 8L);
        return JsonValues.TryRead(text, out JinjaValue? value) ? value : throw rendering.Fault("'from_json' got a text that is no JSON.");
    }
}
