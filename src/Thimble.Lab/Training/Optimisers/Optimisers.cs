namespace Thimble.Lab.Training;

/// <summary>The optimisers that can be asked for by name; each adds itself.</summary>
internal static class Optimisers
{
    private static readonly Dictionary<string, Func<OptimiserOptions, Optimiser>> s_known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Known => s_known.Keys.Order(StringComparer.Ordinal);

    /// <summary>Adds one.</summary>
    public static void Add(string name, Func<OptimiserOptions, Optimiser> make) => s_known.Add(name, make);

    /// <summary>The optimiser of a name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Optimiser Named(OptimiserOptions options) => s_known.TryGetValue(options.Name, out Func<OptimiserOptions, Optimiser>? make)
        ? make(options)
        : throw new ArgumentException($"Optimiser '{options.Name}' is unknown; known: {string.Join(", ", Known)}.", nameof(options));
}

/// <summary>Which optimiser, and its numbers.</summary>
public sealed record OptimiserOptions
{
    /// <summary>One of <c>adamw</c>, <c>lion</c>, <c>momentum</c>, <c>muon</c>, <c>sgd</c>.</summary>
    public string Name { get; init; } = "adamw";

    /// <summary>The rate at its highest.</summary>
    public float Rate { get; init; } = 1e-3f;

    /// <summary>Share of a matrix, times the rate, taken off it at each step; vectors keep theirs.</summary>
    public float Decay { get; init; } = 0.1f;

    /// <summary>How slowly the mean of gradients moves, in [0, 1).</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>How slowly the mean of their squares moves, in [0, 1).</summary>
    public float Beta2 { get; init; } = 0.95f;

    /// <summary>Added to the root of the mean square.</summary>
    public float Epsilon { get; init; } = 1e-8f;
}
