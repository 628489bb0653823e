namespace Thimble.Models.Chat;

/// <summary>Filters on lists, texts and dictionaries as wholes.</summary>
internal static class SequenceFilters
{
    public static IEnumerable<Builtin> All { get; } =
    [
        Builtin.Of("length(value)", Length),
        Builtin.Of("count(value)", Length),
        Builtin.Of("first(value)", First),
        Builtin.Of("last(value)", Last),
        Builtin.Of("list(value)", (rendering, b) => new ListValue(rendering.List(b[0]!))),
        Builtin.Of("items(value)", Items),
        Builtin.Of("join(value, d?, attribute?)", Join),
        Builtin.Of("reverse(value)", Reverse),
        Builtin.Of("batch(value, linecount, fill_with?)", Batch),
        Builtin.Of("slice(value, slices, fill_with?)", Slice),
        Builtin.Of("sum(value, attribute?, start?)", Sum),
        Builtin.Of("attr(value, name)", (rendering, b) => b[0]!.Attribute(rendering.Text(b[1]!), rendering) ?? new UndefinedValue("an attribute")),
    ];

    private static JinjaValue Length(Rendering rendering, JinjaValue?[] b) => b[0]!.Length is { } length
        ? JinjaValue.Of((long)length)
        : throw rendering.Fault($"a value of type {b[0]!.Kind} has no length.");

    private static JinjaValue First(Rendering rendering, JinjaValue?[] b)
    {
        foreach (JinjaValue element in rendering.Elements(b[0]!))
            return element;
        return new UndefinedValue("the first item of nothing");
    }

    private static JinjaValue Last(Rendering rendering, JinjaValue?[] b)
    {
        if (b[0]!.Length is null)
            throw rendering.Fault($"a value of type {b[0]!.Kind} has no last item.");
        return rendering.List(b[0]!) is [.., var last] ? last : new UndefinedValue("the last item of nothing");
    }

    private static ViewValue Items(Rendering rendering, JinjaValue?[] b) => b[0] switch
    {
        UndefinedValue => new("generator", []),
        DictValue dict => new("generator", DictMethods.Pairs(dict, rendering)),
        _ => throw rendering.Fault($"'items' wants a dictionary and got {b[0]!.Kind}."),
    };

    private static JinjaValue Join(Rendering rendering, JinjaValue?[] b)
    {
        string between = b[1] is null ? "" : rendering.Text(b[1]!);
        var text = new Printer(rendering);
        bool isFirst = true;
        foreach (JinjaValue element in rendering.Elements(b[0]!))
        {
            rendering.Step();
            if (!isFirst)
                text.Append(between);
            isFirst = false;
            (b[2] is null ? element : AttributePath.Get(element, b[2]!, rendering)).Print(text);
        }
        return JinjaValue.Of(text.ToString());
    }

    private static JinjaValue Reverse(Rendering rendering, JinjaValue?[] b)
    {
        List<JinjaValue> list = rendering.List(b[0]!);
        list.Reverse();
        return b[0] is TextValue
            ? JinjaValue.Of(string.Concat(list.Select(part => ((TextValue)part).Value)))
            : new ViewValue("list_reverseiterator", list);
    }

    private static ViewValue Batch(Rendering rendering, JinjaValue?[] b)
    {
        int size = (int)Math.Clamp(TextMethods.Whole(b[1], 1, rendering), 1, rendering.Limits.Length);
        List<JinjaValue[]> rows = [.. rendering.List(b[0]!).Chunk(size)];
        if (b[2] is { } fill and not NoneValue && rows.Count > 0)
            rows[^1] = [.. rows[^1], .. Enumerable.Repeat(fill, size - rows[^1].Length)];
        return new("generator", rows.Select(row => new ListValue([.. row])));
    }

    private static ViewValue Slice(Rendering rendering, JinjaValue?[] b)
    {
        List<JinjaValue> all = rendering.List(b[0]!);
        int slices = (int)Math.Clamp(TextMethods.Whole(b[1], 1, rendering), 1, rendering.Limits.Length);
        int each = all.Count / slices, more = all.Count % slices, at = 0;
        List<JinjaValue> rows = [];
        for (int i = 0; i < slices; i++)
        {
            List<JinjaValue> row = all.GetRange(at, each + (i < more ? 1 : 0));
            at += row.Count;
            if (b[2] is { } fill and not NoneValue && i >= more)
                row.Add(fill);
            rows.Add(new ListValue(row));
        }
        return new("generator", rows);
    }

    private static JinjaValue Sum(Rendering rendering, JinjaValue?[] b)
    {
        JinjaValue sum = b[2] ?? JinjaValue.Of(0L);
        foreach (JinjaValue element in rendering.Elements(b[0]!))
        {
            rendering.Step();
            JinjaValue part = b[1] is null or NoneValue ? element : AttributePath.Get(element, b[1]!, rendering);
            sum = Numbers.Calculate("+", sum, part, rendering) ?? throw rendering.Fault($"'sum' adds numbers and got {part.Kind}.");
        }
        return sum;
    }
}
