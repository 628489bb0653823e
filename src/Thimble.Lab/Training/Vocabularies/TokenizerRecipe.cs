using Thimble.Models.Tokens;

namespace Thimble.Lab.Training;

/// <summary>What a tokenizer is learnt from, and how large it becomes: one YAML file.</summary>
public sealed record TokenizerRecipe
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "tokenizer";

    /// <summary>What to learn from.</summary>
    public required IReadOnlyList<TrainingText> Texts { get; init; }

    /// <summary>Tokens in all: special ones, the 256 bytes, and what merges make.</summary>
    public int Vocabulary { get; init; } = 8192;

    /// <summary>How texts are cut into words that tokens never cross; one of <see cref="Splits"/>.</summary>
    public string Split { get; init; } = "qwen2";

    /// <summary>Tokens that stand for signs and no text, such as <c>&lt;|im_end|&gt;</c>; they take the first ids.</summary>
    public IReadOnlyList<string> Special { get; init; } = ["<|endoftext|>"];

    /// <summary>The special token a text begins with; null for none.</summary>
    public string? Begin { get; init; }

    /// <summary>The special token a text ends with; null for none.</summary>
    public string? End { get; init; } = "<|endoftext|>";

    /// <summary>Whether <see cref="Begin"/> is put before a text.</summary>
    public bool AddBegin { get; init; }

    /// <summary>The chat template of models that take the tokenizer; null for none.</summary>
    public string? Template { get; init; }

    /// <summary>Times a pair must stand in the texts to become a token.</summary>
    public int Least { get; init; } = 2;

    /// <summary>Where it is written: a file ending in <c>.gguf</c>, or a folder for <c>tokenizer.json</c>.</summary>
    public required string Output { get; init; }

    /// <summary>Ways of cutting texts that GGUF and <c>tokenizer.json</c> both know, by the names of GGUF.</summary>
    public static IReadOnlyList<string> Splits => JsonSettings.SplitNames;

    /// <summary>Reads a recipe. Its paths are seen from its own folder.</summary>
    /// <param name="path">The YAML file.</param>
    /// <returns>The recipe.</returns>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">It is no YAML, or a key is unknown, missing or of a wrong kind; the message names key and line.</exception>
    public static TokenizerRecipe Load(string path)
    {
        var keys = RecipeKeys.Load(path, out _);
        var recipe = new TokenizerRecipe
        {
            Texts = [.. keys.List("texts").Select(TrainingText.Read)],
            Output = keys.Path("output") ?? throw keys.Missing("output"),
        };
        recipe = recipe with
        {
            Name = keys.Text("name") ?? recipe.Name,
            Vocabulary = keys.Whole("vocabulary") ?? recipe.Vocabulary,
            Split = keys.Text("split") ?? recipe.Split,
            Special = keys.Words("special") ?? recipe.Special,
            AddBegin = keys.Flag("add_begin") ?? recipe.AddBegin,
            Template = keys.Text("template"),
            Least = keys.Whole("least") ?? recipe.Least,
        };
        recipe = recipe with { Begin = keys.Text("begin"), End = keys.Text("end") ?? (recipe.Special.Contains(recipe.End) ? recipe.End : null) };
        keys.RequireAllUsed();
        recipe.Check($"Recipe '{path}': ");
        return recipe;
    }

    /// <exception cref="InvalidDataException">Something contradicts something else.</exception>
    internal void Check(string where)
    {
        if (!Splits.Contains(Split))
            throw new InvalidDataException($"{where}'split' is '{Split}'; known: {string.Join(", ", Splits)}.");
        if (Special.Any(string.IsNullOrWhiteSpace) || Special.Distinct().Count() != Special.Count)
            throw new InvalidDataException($"{where}'special' holds an empty token, or one twice: {string.Join(", ", Special)}.");
        if (Vocabulary < Special.Count + 256 || Vocabulary > 1 << 20)
            throw new InvalidDataException($"{where}'vocabulary' is {Vocabulary}; expected {Special.Count + 256} ({Special.Count} special tokens and 256 bytes) to {1 << 20}.");
        foreach ((string key, string? token) in ((string, string?)[])[("begin", Begin), ("end", End)])
        {
            if (token is not null && !Special.Contains(token))
                throw new InvalidDataException($"{where}'{key}' is '{token}', which is none of 'special': {string.Join(", ", Special)}.");
        }

        if (AddBegin && Begin is null)
            throw new InvalidDataException($"{where}'add_begin' is true, but 'begin' does not say which token to add.");
    }
}
