namespace Thimble.Lab.Evaluate;

/// <summary>How a text is cut into windows, and how the model that reads them is opened.</summary>
public sealed record WindowOptions
{
    /// <summary>Tokens of a window, at least 8. Results of different lengths cannot be compared.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 8.</exception>
    public int Length { get; init => field = value < 8 ? throw Refused(nameof(Length), value, 8) : value; } = 512;

    /// <summary>How far a window lies behind the one before, where they overlap and each token is scored once; null for windows side by side,
    /// of which the second half is scored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    /// <remarks>Slower by Length / Stride and lower in value: tokens have more before them. Must be below <see cref="Length"/>.</remarks>
    public int? Stride { get; init => field = value < 1 ? throw Refused(nameof(Stride), value, 1) : value; }

    /// <summary>The most windows that are read; null for the whole text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? Limit { get; init => field = value < 1 ? throw Refused(nameof(Limit), value, 1) : value; }

    /// <summary>How the model is opened.</summary>
    public ModelOptions Opening { get; init; } = new();

    private static ArgumentOutOfRangeException Refused(string name, int? value, int least) =>
        new(name, value, $"{name} is {value}; expected {least} or more.");
}

/// <summary>How far a text has been read.</summary>
/// <param name="Window">Windows read.</param>
/// <param name="Windows">Windows in all.</param>
public readonly record struct WindowProgress(int Window, int Windows);
