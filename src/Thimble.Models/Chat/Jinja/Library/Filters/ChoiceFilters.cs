namespace Thimble.Models.Chat;

/// <summary>Filters that take another filter or test: <c>map</c>, <c>select</c> and their kin.</summary>
internal static class ChoiceFilters
{
    private static readonly Dictionary<string, Func<JinjaValue, Arguments, Rendering, JinjaValue>> s_filters = new(StringComparer.Ordinal)
    {
        ["map"] = Map,
        ["select"] = (value, arguments, rendering) => Choose(value, arguments, rendering, keeps: true, byAttribute: false),
        ["reject"] = (value, arguments, rendering) => Choose(value, arguments, rendering, keeps: false, byAttribute: false),
        ["selectattr"] = (value, arguments, rendering) => Choose(value, arguments, rendering, keeps: true, byAttribute: true),
        ["rejectattr"] = (value, arguments, rendering) => Choose(value, arguments, rendering, keeps: false, byAttribute: true),
        ["format"] = (value, arguments, rendering) => JinjaValue.Of(TextFormat.Percent(
            rendering.Text(value), arguments.Names.Count > 0 ? Dict(arguments) : new ListValue(arguments.Places, isTuple: true), rendering)),
    };

    public static IEnumerable<string> Names => s_filters.Keys;

    public static Func<JinjaValue, Arguments, Rendering, JinjaValue>? Find(string name) => s_filters.GetValueOrDefault(name);

    private static DictValue Dict(Arguments arguments)
    {
        var dict = new DictValue();
        foreach ((string name, JinjaValue value) in arguments.Names)
            dict[name] = value;
        return dict;
    }

    private static ViewValue Map(JinjaValue value, Arguments arguments, Rendering rendering)
    {
        if (arguments.Places.Count > 0)
        {
            string name = rendering.Text(arguments.Places[0]);
            var rest = new Arguments(arguments.Places[1..], arguments.Names);
            return new("generator", Each(value, element => AllFilters.Apply(name, element, rest, rendering), rendering));
        }
        JinjaValue path = arguments.Names.GetValueOrDefault("attribute") ?? throw rendering.Fault("'map' wants a filter's name or 'attribute'.");
        JinjaValue? standard = arguments.Names.GetValueOrDefault("default");
        return new("generator", Each(value, element =>
            AttributePath.Get(element, path, rendering) is var found && found is UndefinedValue && standard is not null ? standard : found, rendering));
    }

    private static IEnumerable<JinjaValue> Each(JinjaValue value, Func<JinjaValue, JinjaValue> change, Rendering rendering)
    {
        if (!value.IsTrue)   // Jinja lets even None pass where it would walk nothing
            yield break;
        foreach (JinjaValue element in rendering.Elements(value))
        {
            rendering.Step();
            yield return change(element);
        }
    }

    private static ViewValue Choose(JinjaValue value, Arguments arguments, Rendering rendering, bool keeps, bool byAttribute)
    {
        int at = byAttribute ? 1 : 0;
        if (arguments.Places.Count < at)
            throw rendering.Fault("'selectattr' and 'rejectattr' want an attribute's name.");
        string? test = arguments.Places.Count > at ? rendering.Text(arguments.Places[at]) : null;
        var rest = new Arguments([.. arguments.Places.Skip(at + 1)], arguments.Names);
        return new("generator", Chosen());

        IEnumerable<JinjaValue> Chosen()
        {
            foreach (JinjaValue element in Each(value, element => element, rendering))
            {
                JinjaValue asked = byAttribute ? AttributePath.Get(element, arguments.Places[0], rendering) : element;
                if ((test is null ? asked.IsTrue : Tests.Holds(test, asked, rest, rendering)) == keeps)
                    yield return element;
            }
        }
    }
}
