using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>DoRA: the weight's rows keep their directions but for a low rank, and are given lengths of their own:
/// <c>y = m / ‖W + s·B·A‖ ⊙ (W + s·B·A)·x</c>, the lengths by row.</summary>
/// <remarks>What is added to the product is <c>(f − 1) ⊙ W·x + f ⊙ s·B·(A·x)</c> with <c>f = m / ‖W + s·B·A‖</c>, so that several adapters of a
/// weight do not see one another. Source: Liu et al., "DoRA: Weight-Decomposed Low-Rank Adaptation", 2024, eq. 5.</remarks>
/// <param name="Turn">A and B, and s.</param>
/// <param name="Lengths">f, shape [outputs].</param>
internal sealed record MagnitudeChange(LowRankChange Turn, float[] Lengths) : WeightChange
{
    /// <inheritdoc />
    public override int Outputs => Lengths.Length;

    /// <inheritdoc />
    public override bool NeedsProduct => true;

    /// <summary>The length of a row of <c>W + s·B·A</c>.</summary>
    /// <param name="row">The row of W; overwritten.</param>
    /// <param name="b">The row of B, shape [rank].</param>
    /// <param name="a">A, shape [rank · columns].</param>
    /// <param name="factor">s.</param>
    public static float Length(Span<float> row, ReadOnlySpan<float> b, ReadOnlySpan<float> a, float factor)
    {
        for (int i = 0; i < b.Length; i++)
            Lanes.Best(new AddScaled(a.Slice(i * row.Length, row.Length), factor * b[i], row));
        double sum = 0;
        foreach (float value in row)
            sum += (double)value * value;
        return (float)Math.Sqrt(sum);
    }

    /// <inheritdoc />
    protected override void Compute(Pass pass, Matrix x, Matrix product, Matrix change)
    {
        Turn.Turned(pass, x, change);
        for (int row = 0; row < x.Rows; row++)
        {
            Lanes.Best(new Scaled(change[row], Turn.Factor, change[row]));
            for (int i = 0; i < Lengths.Length; i++)
                change[row][i] = (Lengths[i] * change[row][i]) + ((Lengths[i] - 1) * product[row][i]);
        }
    }
}
