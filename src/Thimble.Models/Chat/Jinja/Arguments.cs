namespace Thimble.Models.Chat;

/// <summary>What a call hands over: values by place and values by name.</summary>
internal sealed class Arguments(List<JinjaValue> places, Dictionary<string, JinjaValue>? names = null)
{
    public List<JinjaValue> Places { get; } = places;

    public Dictionary<string, JinjaValue> Names { get; } = names ?? new(StringComparer.Ordinal);

    /// <summary>The same call with a value put before the first place: the subject of a filter, a test or a method.</summary>
    public Arguments After(JinjaValue subject) => new([subject, .. Places], Names);

    /// <summary>Lays the arguments out by parameter; null where one is missing.</summary>
    public JinjaValue?[] Bind(string function, string[] parameters, int required, Rendering rendering)
    {
        if (Places.Count > parameters.Length)
            throw rendering.Fault($"'{function}' takes at most {parameters.Length} arguments and got {Places.Count}.");
        var bound = new JinjaValue?[parameters.Length];
        for (int i = 0; i < Places.Count; i++)
            bound[i] = Places[i];
        foreach ((string name, JinjaValue value) in Names)
        {
            int at = Array.IndexOf(parameters, name);
            if (at < 0)
                throw rendering.Fault($"'{function}' has no parameter '{name}'; it has: {string.Join(", ", parameters)}.");
            if (bound[at] is not null)
                throw rendering.Fault($"'{function}' got its parameter '{name}' twice.");
            bound[at] = value;
        }
        for (int i = 0; i < required; i++)
        {
            if (bound[i] is null)
                throw rendering.Fault($"'{function}' misses its argument '{parameters[i]}'.");
        }
        return bound;
    }
}
