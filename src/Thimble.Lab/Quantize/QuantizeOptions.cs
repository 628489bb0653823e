namespace Thimble.Lab.Quantize;

/// <summary>How a model is rewritten.</summary>
public sealed record QuantizeOptions
{
    /// <summary>The mix or number format of the matrices, one of <see cref="Quantizer.Types"/>; null leaves all tensors as they are.</summary>
    public string? Type { get; init; }

    /// <summary>Whether all matrices get the base format of the mix, where its blocks fit their rows.</summary>
    public bool Pure { get; init; }

    /// <summary>The format of <c>output.weight</c>; null for the mix's choice.</summary>
    public string? HeadType { get; init; }

    /// <summary>The format of <c>token_embd.weight</c>; null for the mix's choice.</summary>
    public string? EmbeddingType { get; init; }

    /// <summary>Whether <c>output.weight</c> stays as it is.</summary>
    public bool KeepHead { get; init; }

    /// <summary>Formats of tensors whose names match a regular expression, the first that matches decides.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> TensorTypes { get; init; } = [];

    /// <summary>How much an error in each column matters; null where all matter alike.</summary>
    public ImportanceMatrix? Importance { get; init; }

    /// <summary>Whether tensors that are quantised already may be quantised again, which adds the new error to the old.</summary>
    public bool AllowRequantize { get; init; }

    /// <summary>Low-rank adapters that are added to the weights, each with its scale: GGUF files, or folders as Hugging Face PEFT writes them.</summary>
    public IReadOnlyList<KeyValuePair<string, float>> Adapters { get; init; } = [];

    /// <summary>Threads that encode; null for one on each processor.</summary>
    public int? Threads { get; init; }
}
