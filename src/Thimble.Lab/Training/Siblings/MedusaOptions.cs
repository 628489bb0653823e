namespace Thimble.Lab.Training;

/// <summary>Heads that look further ahead, trained behind the model on its own texts and written beside it.</summary>
public sealed record MedusaOptions
{
    /// <summary>How many; the first foretells the token after the next.</summary>
    public int Heads { get; init; } = 3;

    /// <summary>Tokens of the texts that they learn from.</summary>
    public int Tokens { get; init; } = 60_000;

    /// <summary>Times that those are gone through.</summary>
    public int Epochs { get; init; } = 4;

    /// <summary>The optimiser's rate; a third of it in the last half.</summary>
    public float Rate { get; init; } = 1e-3f;

    internal static MedusaOptions Read(RecipeKeys keys)
    {
        var made = new MedusaOptions();
        made = made with
        {
            Heads = keys.Whole("heads") ?? made.Heads,
            Tokens = keys.Whole("tokens") ?? made.Tokens,
            Epochs = keys.Whole("epochs") ?? made.Epochs,
            Rate = keys.Number("rate") ?? made.Rate,
        };
        keys.RequireAllUsed();
        return made.Heads > 0 && made.Tokens > 0 && made.Epochs > 0 && made.Rate > 0
            ? made
            : throw new InvalidDataException($"Recipe '{keys.Path()}', 'medusa': expected heads, tokens, epochs and rate above 0.");
    }
}
