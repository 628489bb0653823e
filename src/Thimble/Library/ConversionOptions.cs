namespace Thimble.Library;

/// <summary>How a model is rewritten.</summary>
public sealed record ConversionOptions
{
    /// <summary>The number format of the matrices, one of <see cref="Conversion.Formats"/>; null leaves all tensors as they are.</summary>
    public string? Format { get; init; }

    /// <summary>Whether the matrix that scores the vocabulary gets no finer format than the others.</summary>
    public bool Pure { get; init; }

    /// <summary>Threads that encode; null for one on each processor.</summary>
    public int? Threads { get; init; }
}
