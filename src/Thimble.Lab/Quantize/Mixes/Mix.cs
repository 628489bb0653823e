using static Thimble.Lab.Quantize.Choices;

namespace Thimble.Lab.Quantize;

/// <summary>A mix of formats: most tensors get its base, those whose rounding shows more, or less, another.</summary>
/// <param name="Name">The name users type.</param>
/// <param name="FileType">What <c>general.file_type</c> says of such a file; null where no number is agreed on.</param>
/// <param name="Base">The format of all that is not chosen otherwise.</param>
internal sealed record Mix(string Name, int? FileType, string Base)
{
    private static readonly Choice s_eightByte = Eight(All("Q8_0"));

    /// <summary>The matrix that scores the vocabulary.</summary>
    public string Head { get; init; } = "Q6_K";

    /// <summary>The embedding's table, where it does not score as well; null for the base.</summary>
    public string? Embedding { get; init; }

    /// <summary>Matrices of values, alone or in one with others.</summary>
    public Choice? Value { get; init; }

    /// <summary>Matrices of keys. They are small in models of eight experts.</summary>
    public Choice Key { get; init; } = s_eightByte;

    /// <summary>Matrices of queries.</summary>
    public Choice? Query { get; init; }

    /// <summary>Matrices that join the heads.</summary>
    public Choice? Output { get; init; }

    /// <summary>The same of Falcon, where other choices do not hold; null for the base.</summary>
    public string? FalconOutput { get; init; }

    /// <summary>The second matrix of feed-forward parts.</summary>
    public Choice? Down { get; init; }

    /// <summary>The first matrices of feed-forward parts.</summary>
    public Choice? Up { get; init; }

    /// <summary>Experts; null for no difference.</summary>
    public string? Expert { get; init; }

    /// <summary>Whether the choice of values is the last word; otherwise large models and those of eight experts get finer ones.</summary>
    public bool IsTiny { get; init; }

    /// <summary>Other names of it.</summary>
    public string[] Aliases { get; init; } = [];
}
