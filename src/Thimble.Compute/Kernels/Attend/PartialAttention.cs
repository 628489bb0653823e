using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Attention over a part of the keys: greatest score, sum of <c>e^(score − greatest)</c>, and the values under these weights.</summary>
/// <remarks>Two parts merge exactly: <c>o = (o₁·e^(m₁−m) + o₂·e^(m₂−m)) / (l₁·e^(m₁−m) + l₂·e^(m₂−m))</c>, m the greater.
/// Source: Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018, eq. 4.</remarks>
internal ref struct PartialAttention(Span<float> output)
{
    /// <summary>The greatest score; −∞ while there is none.</summary>
    public float Max = float.NegativeInfinity;

    /// <summary>The sum of <c>e^(score − Max)</c>.</summary>
    public float Sum = 0;

    /// <summary>Values weighted by <c>e^(score − Max)</c>, shape [value size].</summary>
    public readonly Span<float> Output = output;

    /// <summary>Takes in another part.</summary>
    public void Merge<TLane>(scoped in PartialAttention other)
        where TLane : unmanaged, ILane<TLane>
    {
        if (float.IsNegativeInfinity(other.Max))
            return;

        float max = MathF.Max(Max, other.Max);
        float mine = float.IsNegativeInfinity(Max) ? 0 : MathF.Exp(Max - max), others = MathF.Exp(other.Max - max);
        new Scaled(Output, mine, Output).Run<TLane>();
        new AddScaled(other.Output, others, Output).Run<TLane>();
        Sum = MathF.FusedMultiplyAdd(Sum, mine, other.Sum * others);
        Max = max;
    }

    /// <summary>Divides by the sum: the attention over all parts merged so far.</summary>
    public readonly void Finish<TLane>()
        where TLane : unmanaged, ILane<TLane> =>
        new Scaled(Output, Sum == 0 ? 0 : 1 / Sum, Output).Run<TLane>();
}
