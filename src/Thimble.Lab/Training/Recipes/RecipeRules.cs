namespace Thimble.Lab.Training;

/// <summary>Which keys of a recipe go together.</summary>
internal static class RecipeRules
{
    /// <summary>Complains about keys that contradict each other.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="path">Where it was read, for messages.</param>
    /// <exception cref="InvalidDataException">Some do.</exception>
    /// <exception cref="NotSupportedException">Some are not known to work together.</exception>
    public static void Check(TrainingRecipe recipe, string path)
    {
        if (recipe.Model is null == recipe.New is null)
            throw new InvalidDataException($"Recipe '{path}' names {(recipe.Model is null ? "neither" : "both")} 'model' and 'new'; expected one of the two.");
        if (recipe.Grow is not null && recipe.Model is null)
            throw new InvalidDataException($"Recipe '{path}' has 'grow' but no 'model' that could grow; sizes of a new model stand in 'new'.");
        if (recipe.Teacher is not null && recipe.Preference is not null)
            throw new InvalidDataException($"Recipe '{path}' has 'teacher' and 'preference'; expected one of the two.");
        if (recipe.Preference is not null != recipe.Texts.Any(text => text.Kind == "preference") || (recipe.Preference is not null && recipe.Texts.Any(text => text.Kind != "preference")))
            throw new InvalidDataException($"Recipe '{path}': texts of kind 'preference' go with the key 'preference', and only with it.");
        if (recipe.Preference is not null && 2 * recipe.Length > recipe.BatchTokens)
            throw new InvalidDataException($"Recipe '{path}': 'batch_tokens' is {recipe.BatchTokens}; a batch must hold two answers of 'length' {recipe.Length}.");
        if (recipe.Length > recipe.BatchTokens)
            throw new InvalidDataException($"Recipe '{path}': 'length' is {recipe.Length}, more than 'batch_tokens', {recipe.BatchTokens}; a batch must hold the longest sample.");
        bool leads = recipe.Adapter is { Kind: "prefix" or "prompt" or "p_tuning" };
        if ((recipe.Teacher is not null || recipe.Preference is not null) && (recipe.ZerothOrder is not null || leads))
            throw new NotSupportedException($"Recipe '{path}': a 'teacher' or 'preference' goes with {(leads ? $"adapters on weights only, not with '{recipe.Adapter!.Kind}', whose rows the other model lacks" : "gradients only, not with 'zeroth_order'")}.");
        if (recipe.Sparse is not null && (recipe.ZerothOrder is not null || recipe.Adapter is not null))
            throw new NotSupportedException($"Recipe '{path}': 'sparse' changes the model itself and goes with gradients only; leave out 'zeroth_order' and 'adapter'.");
        if (recipe.Exits is not null && (recipe.ZerothOrder is not null || recipe.Teacher is { Way: not "sequence" } || recipe.Preference is not null))
            throw new NotSupportedException($"Recipe '{path}': 'exits' foretell the next token; leave out 'zeroth_order', 'teacher' and 'preference'.");
        if (recipe.Medusa is not null && recipe.Adapter is { Merge: false })
            throw new NotSupportedException($"Recipe '{path}': 'medusa' makes heads for a whole model; leave out 'adapter', or merge it.");
    }
}
