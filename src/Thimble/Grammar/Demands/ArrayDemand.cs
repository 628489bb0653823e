namespace Thimble.Grammar;

/// <summary>One way for a list to be as demanded: all that it then must keep to.</summary>
internal sealed record ArrayDemand
{
    /// <summary>What single items are like.</summary>
    public IReadOnlyList<(int Index, Demand Values)> Single { get; init; } = [];

    /// <summary>What all items from an index on are like.</summary>
    public IReadOnlyList<(int From, Demand Values)> Following { get; init; } = [];

    /// <summary>The least count of items.</summary>
    public int Least { get; init; }

    /// <summary>The greatest.</summary>
    public int Most { get; init; } = Term.Unbounded;

    /// <summary>How many items, from an index on, are of some kind.</summary>
    public IReadOnlyList<ItemCount> Counts { get; init; } = [];

    /// <summary>Where it is said that no two items are equal; null where it is not.</summary>
    public string? Distinct { get; init; }

    /// <summary>Items in front that have been spoken of.</summary>
    public int EvaluatedTo { get; init; }

    /// <summary>Kinds of items that have been spoken of.</summary>
    public IReadOnlyList<Formula> EvaluatedKinds { get; init; } = [];

    /// <summary>Both at once.</summary>
    public static ArrayDemand operator &(ArrayDemand x, ArrayDemand y) => new()
    {
        Single = [.. x.Single, .. y.Single],
        Following = [.. x.Following, .. y.Following],
        Least = Math.Max(x.Least, y.Least),
        Most = Math.Min(x.Most, y.Most),
        Counts = [.. x.Counts, .. y.Counts],
        Distinct = x.Distinct ?? y.Distinct,
        EvaluatedTo = Math.Max(x.EvaluatedTo, y.EvaluatedTo),
        EvaluatedKinds = [.. x.EvaluatedKinds, .. y.EvaluatedKinds],
    };
}
