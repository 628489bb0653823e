namespace Thimble.Grammar;

/// <summary>One way for an object to be as demanded: all that it then must keep to.</summary>
internal sealed record ObjectDemand
{
    /// <summary>What the values of some keys are like.</summary>
    public IReadOnlyList<(KeySet Keys, Demand Values)> Members { get; init; } = [];

    /// <summary>Keys that must be there.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>The least count of members.</summary>
    public int Least { get; init; }

    /// <summary>The greatest.</summary>
    public int Most { get; init; } = Term.Unbounded;

    /// <summary>Keys of which one must be there with a value of some kind.</summary>
    public IReadOnlyList<(KeySet Keys, Demand Values)> Exists { get; init; } = [];

    /// <summary>Keys that have been spoken of.</summary>
    public IReadOnlyList<KeySet> Evaluated { get; init; } = [];

    /// <summary>Both at once.</summary>
    public static ObjectDemand operator &(ObjectDemand x, ObjectDemand y) => new()
    {
        Members = [.. x.Members, .. y.Members],
        Required = [.. x.Required.Union(y.Required)],
        Least = Math.Max(x.Least, y.Least),
        Most = Math.Min(x.Most, y.Most),
        Exists = [.. x.Exists, .. y.Exists],
        Evaluated = [.. x.Evaluated, .. y.Evaluated],
    };
}
