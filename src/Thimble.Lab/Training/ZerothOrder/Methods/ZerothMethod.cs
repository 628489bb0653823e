namespace Thimble.Lab.Training;

/// <summary>What becomes of the estimate of a gradient.</summary>
internal abstract class ZerothMethod
{
    private static readonly SortedDictionary<string, Func<OptimiserOptions, ZerothMethod>> s_known = new(StringComparer.Ordinal);

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Known => s_known.Keys;

    /// <summary>Numbers it remembers for each number of a parameter.</summary>
    public virtual int Slots => 0;

    /// <summary>Whether the slope along a direction is computed by tangents, not by two losses.</summary>
    public virtual bool Pushes => false;

    /// <summary>Whether a step is taken forwards, backwards or not at all, whichever has the least loss.</summary>
    public virtual bool Chooses => false;

    /// <summary>Adds one; its own file does so when the assembly loads.</summary>
    public static void Add(string name, Func<OptimiserOptions, ZerothMethod> make) => s_known.Add(name, make);

    /// <summary>The method of a name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static ZerothMethod Named(string name, OptimiserOptions options) => s_known.TryGetValue(name, out Func<OptimiserOptions, ZerothMethod>? make)
        ? make(options)
        : throw new ArgumentException($"Zeroth-order method '{name}' is unknown; known: {string.Join(", ", Known)}.", nameof(name));

    /// <summary>Moves numbers.</summary>
    /// <param name="step">Where, and how far.</param>
    /// <param name="values">The numbers, shape [count].</param>
    /// <param name="estimate">Of their gradient; it may be overwritten.</param>
    /// <param name="memory">What it remembered of them, zeros at first, <see cref="Slots"/> times as many.</param>
    public abstract void Move(in OptimiserStep step, Span<float> values, Span<float> estimate, Span<float> memory);
}
