using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>Layer norm of each head by itself, then a factor and a bias for each feature (group norm).</summary>
/// <remarks>Source: Wu and He, "Group Normalization", 2018, eq. 7.</remarks>
/// <param name="Gain">Shape [features].</param>
/// <param name="Bias">Shape [features].</param>
/// <param name="Epsilon">Added to the variance.</param>
internal sealed record HeadNorm(float[] Gain, float[] Bias, float Epsilon)
{
    /// <summary>Normalises in place.</summary>
    /// <param name="x">Shape [features].</param>
    /// <param name="size">Features of a head.</param>
    public void Apply(Span<float> x, int size)
    {
        for (int at = 0; at < x.Length; at += size)
            Lanes.Best(new LayerNorm(x.Slice(at, size), Gain.AsSpan(at, size), Bias.AsSpan(at, size), Epsilon, x.Slice(at, size)));
    }
}
