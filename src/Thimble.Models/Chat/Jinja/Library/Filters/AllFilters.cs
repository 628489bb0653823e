namespace Thimble.Models.Chat;

/// <summary>The filters of <c>x | filter</c>, by name.</summary>
internal static class AllFilters
{
    private static readonly Dictionary<string, Builtin> s_filters = Builtin.Table(
        [.. TextFilters.All, .. NumberFilters.All, .. SequenceFilters.All, .. OrderFilters.All, .. ConversionFilters.All]);

    public static bool Knows(string name) => s_filters.ContainsKey(name) || ChoiceFilters.Find(name) is not null;

    /// <summary>Applies a filter.</summary>
    public static JinjaValue Apply(string name, JinjaValue value, Arguments arguments, Rendering rendering)
    {
        if (s_filters.TryGetValue(name, out Builtin? filter))
            return filter.Call(rendering, arguments.After(value));
        if (ChoiceFilters.Find(name) is { } choice)
            return choice(value, arguments, rendering);
        throw rendering.Fault($"the filter '{name}' is unknown; known: {string.Join(", ", s_filters.Keys.Concat(ChoiceFilters.Names).Order(StringComparer.Ordinal))}.");
    }
}
