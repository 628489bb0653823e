using Thimble.Compute.Memory;

namespace Thimble.Models.Blocks;

/// <summary>What one adapter changes in a model. The model's own weights stay as they are.</summary>
internal sealed class Adaptation
{
    private static int s_count;

    /// <summary>Its place in the order of sums: adapters are added in the order in which they were loaded, whoever else is in a run.</summary>
    public int Number { get; } = Interlocked.Increment(ref s_count);

    /// <summary>What is added to the products of weights.</summary>
    public Dictionary<Weight, WeightChange> Changes { get; } = [];

    /// <summary>What is added to the rows of the embedding's table; null for nothing.</summary>
    public LowRankChange? Embedding { get; set; }

    /// <summary>What is added behind each layer, shape [layers][features]; null entries for nothing.</summary>
    /// <remarks>Source: Vogel, "Representation Engineering Mistral-7B an Acid Trip", 2024; llama.cpp's layer numbers, which begin at 0.</remarks>
    public float[]?[] Directions { get; init; } = [];

    /// <summary>Vectors that stand before the first token of a sequence; null for none.</summary>
    public GivenRows? Lead { get; init; }

    /// <summary>Tokens from whose last occurrence on it counts; empty for all of a sequence.</summary>
    public int[] Invocation { get; init; } = [];
}

/// <summary>An adapter in use.</summary>
/// <param name="Adaptation">What it changes.</param>
/// <param name="Scale">How strongly.</param>
/// <param name="First">The first layer behind which its direction is added.</param>
/// <param name="Last">The last such layer.</param>
internal readonly record struct Adapting(Adaptation Adaptation, float Scale = 1, int First = 0, int Last = int.MaxValue);
