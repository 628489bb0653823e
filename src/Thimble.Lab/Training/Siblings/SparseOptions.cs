namespace Thimble.Lab.Training;

/// <summary>How a model's feed-forward blocks become sparse: their gates end in ReLU, and more and more of them at nothing.</summary>
public sealed record SparseOptions
{
    /// <summary>Share of the gates that should be nothing.</summary>
    public float Target { get; init; } = 0.88f;

    /// <summary>Weight of the term that makes them so at the first step; it then rises or falls until the share is met.</summary>
    public float Weight { get; init; } = 0.1f;

    /// <summary>The greatest weight.</summary>
    public float Most { get; init; } = 10;

    internal static SparseOptions Read(RecipeKeys keys)
    {
        var made = new SparseOptions();
        made = made with { Target = keys.Number("target") ?? made.Target, Weight = keys.Number("weight") ?? made.Weight, Most = keys.Number("most") ?? made.Most };
        keys.RequireAllUsed();
        return made.Target is <= 0 or >= 1 ? throw new InvalidDataException($"Recipe '{keys.Path()}', 'sparse': 'target' is {made.Target}; expected a share between 0 and 1.")
            : made.Weight <= 0 || made.Most < made.Weight ? throw new InvalidDataException($"Recipe '{keys.Path()}', 'sparse': 'weight' is {made.Weight} and 'most' {made.Most}; expected a weight above 0 and at most 'most'.")
            : made;
    }
}
