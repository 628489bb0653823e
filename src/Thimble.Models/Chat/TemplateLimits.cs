namespace Thimble.Models.Chat;

/// <summary>How much a chat template may spend before it is refused: templates come from strangers' files.</summary>
public sealed record TemplateLimits
{
    /// <summary>Evaluated nodes, and one more for each 16 characters copied: 50 million unless set, about three seconds.</summary>
    public long Steps { get; init; } = 50_000_000;

    /// <summary>Characters of the whole output: 16 Mi unless set.</summary>
    public int Output { get; init; } = 1 << 24;

    /// <summary>Characters of one text and elements of one list or range: 16 Mi unless set.</summary>
    public int Length { get; init; } = 1 << 24;

    /// <summary>Macros inside macros, and values inside values: 200 unless set.</summary>
    public int Depth { get; init; } = 200;
}
