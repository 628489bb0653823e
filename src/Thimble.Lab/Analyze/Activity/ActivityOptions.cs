namespace Thimble.Lab.Analyze;

/// <summary>What is looked at while a model reads.</summary>
public sealed record ActivityOptions
{
    /// <summary>Tokens of a window.</summary>
    public int Length { get; init; } = 256;

    /// <summary>The most windows.</summary>
    public int Windows { get; init; } = 16;

    /// <summary>Layers whose outcome is scored too, as an early exit, by their number from 1 on.</summary>
    public IReadOnlyList<int> Exits { get; init; } = [];

    /// <summary>A file of Medusa heads; null for none.</summary>
    public string? Heads { get; init; }

    /// <summary>Threads; null for one on each physical core.</summary>
    public int? Threads { get; init; }
}
