namespace Thimble.Models.Chat;

/// <summary>Filters that order: texts compare without case unless asked otherwise, and equals keep their places.</summary>
internal static class OrderFilters
{
    public static IEnumerable<Builtin> All { get; } =
    [
        Builtin.Of("sort(value, reverse?, case_sensitive?, attribute?)", Sort),
        Builtin.Of("dictsort(value, case_sensitive?, by?, reverse?)", DictSort),
        Builtin.Of("unique(value, case_sensitive?, attribute?)", Unique),
        Builtin.Of("min(value, case_sensitive?, attribute?)", (rendering, b) => Extreme(rendering, b, -1)),
        Builtin.Of("max(value, case_sensitive?, attribute?)", (rendering, b) => Extreme(rendering, b, 1)),
        Builtin.Of("groupby(value, attribute, default?, case_sensitive?)", GroupBy),
    ];

    private static Func<JinjaValue, JinjaValue> Key(JinjaValue? caseSensitive, JinjaValue? attribute, Rendering rendering) => value =>
    {
        JinjaValue key = attribute is null or NoneValue ? value : AttributePath.Get(value, attribute, rendering);
        return key is TextValue text && caseSensitive?.IsTrue is not true ? JinjaValue.Of(text.Value.ToLowerInvariant()) : key;
    };

    private static ListValue Sort(Rendering rendering, JinjaValue?[] b)
    {
        List<JinjaValue> sorted = rendering.List(b[0]!);
        string[] paths = b[3] is TextValue text ? text.Value.Split(',') : [];
        if (paths.Length <= 1)
            return new(StableOrder.By(sorted, Key(b[2], b[3], rendering), b[1]?.IsTrue ?? false, rendering));
        foreach (string path in paths.Reverse())   // stable: the last key first
            sorted = StableOrder.By(sorted, Key(b[2], JinjaValue.Of(path.Trim()), rendering), b[1]?.IsTrue ?? false, rendering);
        return new(sorted);
    }

    private static ListValue DictSort(Rendering rendering, JinjaValue?[] b)
    {
        if (b[0] is not DictValue dict)
            throw rendering.Fault($"'dictsort' wants a dictionary and got {b[0]!.Kind}.");
        long part = b[2] is null ? 0 : rendering.Text(b[2]!) switch
        {
            "key" => 0,
            "value" => 1,
            var other => throw rendering.Fault($"'dictsort' sorts by key or value; got '{other}'."),
        };
        return new(StableOrder.By([.. DictMethods.Pairs(dict, rendering)], Key(b[1], JinjaValue.Of(part), rendering), b[3]?.IsTrue ?? false, rendering));
    }

    private static ViewValue Unique(Rendering rendering, JinjaValue?[] b)
    {
        Func<JinjaValue, JinjaValue> key = Key(b[1], b[2], rendering);
        var seen = new HashSet<JinjaValue>();
        List<JinjaValue> kept = [];
        foreach (JinjaValue element in rendering.List(b[0]!))
        {
            JinjaValue by = key(element);
            if (by is ListValue or DictValue)
                throw rendering.Fault($"'unique' cannot tell values of type {by.Kind} apart.");
            if (seen.Add(by))
                kept.Add(element);
        }
        return new("generator", kept);
    }

    private static JinjaValue Extreme(Rendering rendering, JinjaValue?[] b, int sign)
    {
        Func<JinjaValue, JinjaValue> key = Key(b[1], b[2], rendering);
        JinjaValue? best = null, bestKey = null;
        foreach (JinjaValue element in rendering.Elements(b[0]!))
        {
            JinjaValue by = key(element);
            if (bestKey is null || Comparing.Order(by, bestKey, rendering) * sign > 0)
                (best, bestKey) = (element, by);
        }
        return best ?? new UndefinedValue("the extreme of nothing");
    }

    private static ListValue GroupBy(Rendering rendering, JinjaValue?[] b)
    {
        Func<JinjaValue, JinjaValue> key = Key(b[3], b[1], rendering);
        JinjaValue KeyOf(JinjaValue value) => key(value) is UndefinedValue && b[2] is { } standard ? standard : key(value);
        List<JinjaValue> groups = [];
        List<JinjaValue>? members = null;
        JinjaValue? current = null;
        foreach (JinjaValue element in StableOrder.By(rendering.List(b[0]!), KeyOf, false, rendering))
        {
            JinjaValue by = KeyOf(element);
            if (members is null || !Comparing.Same(by, current!, rendering))
            {
                members = [];
                JinjaValue name = AttributePath.Get(element, b[1]!, rendering);
                groups.Add(new ListValue([name is UndefinedValue ? by : name, new ListValue(members)], isTuple: true));
            }
            current = by;
            members.Add(element);
        }
        return new(groups);
    }
}
