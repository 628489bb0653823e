namespace Thimble.Lab.Training;

/// <summary>How a model learns to prefer one answer to another.</summary>
public sealed record PreferenceOptions
{
    /// <summary><c>dpo</c>, against the model as it was, or <c>orpo</c>, which needs no second model.</summary>
    public string Way { get; init; } = "dpo";

    /// <summary>How strongly: DPO's β, the price of leaving the model as it was, or ORPO's λ, the weight of the odds.</summary>
    public float Beta { get; init; } = 0.1f;

    internal static PreferenceOptions Read(RecipeKeys keys)
    {
        var made = new PreferenceOptions();
        made = made with { Way = keys.Text("way") ?? made.Way, Beta = keys.Number("beta") ?? made.Beta };
        keys.RequireAllUsed();
        return made.Way is not ("dpo" or "orpo") ? throw new InvalidDataException($"Recipe '{keys.Path()}', 'preference': 'way' is '{made.Way}'; known: dpo, orpo.")
            : made.Beta <= 0 ? throw new InvalidDataException($"Recipe '{keys.Path()}', 'preference': 'beta' is {made.Beta}; expected more than 0.")
            : made;
    }
}
