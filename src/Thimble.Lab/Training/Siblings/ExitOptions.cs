using System.Globalization;

namespace Thimble.Lab.Training;

/// <summary>Layers behind which a model learns to foretell the text too, under its own last norm and head.</summary>
public sealed record ExitOptions
{
    /// <summary>The layers, by their number from 1 on; empty for those at a third and two thirds of the depth.</summary>
    public IReadOnlyList<int> Layers { get; init; } = [];

    /// <summary>Weight of each exit's loss beside the last layer's.</summary>
    public float Weight { get; init; } = 0.3f;

    /// <summary>The layers of a model.</summary>
    /// <exception cref="ArgumentException">It does not have one of them below its last.</exception>
    internal IReadOnlyList<int> Of(int layers)
    {
        int[] exits = Layers.Count > 0 ? [.. Layers] : [.. new[] { layers / 3, 2 * layers / 3 }.Where(layer => layer > 0).Distinct()];
        return exits.Length == 0 || Array.Exists(exits, layer => layer < 1 || layer >= layers)
            ? throw new ArgumentException($"Exits are asked for behind layers {string.Join(", ", exits)}; the model has {layers}, so expected 1 to {layers - 1}.")
            : exits;
    }

    internal static ExitOptions Read(RecipeKeys keys)
    {
        var made = new ExitOptions();
        string[] words = keys.Words("layers") ?? [];
        made = made with { Layers = [.. words.Select(word => Layer(keys, word))], Weight = keys.Number("weight") ?? made.Weight };
        keys.RequireAllUsed();
        return made.Weight > 0 ? made : throw new InvalidDataException($"Recipe '{keys.Path()}', 'exits': 'weight' is {made.Weight}; expected more than 0.");
    }

    private static int Layer(RecipeKeys keys, string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int layer)
        ? layer
        : throw new InvalidDataException($"Recipe '{keys.Path()}', 'exits': '{word}' is no layer; expected whole numbers, as in layers: [2, 4].");
}
