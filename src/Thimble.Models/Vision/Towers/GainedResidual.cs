using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.Blocks;

namespace Thimble.Models.Vision;

/// <summary><c>x = x + gain ⊙ block(before(x))</c>.</summary>
/// <remarks>Source: Touvron et al., "Going deeper with Image Transformers", 2021, section 2 (LayerScale).</remarks>
/// <param name="Before">Normalises the block's input.</param>
/// <param name="Block">What is added.</param>
/// <param name="Gain">Shape [features].</param>
internal sealed record GainedResidual(Norm Before, Block Block, float[] Gain) : Step
{
    /// <inheritdoc />
    public override IEnumerable<Block> Blocks => [Block];

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix input = pass.Scratch.Rent(x.Rows, x.Columns), y = pass.Scratch.Rent(x.Rows, x.Columns);
        Before.Apply(pass, x, input);
        Run(pass, Block, input, y);
        for (int row = 0; row < x.Rows; row++)
        {
            Lanes.Best(new Product(y[row], Gain, y[row]));
            Lanes.Best(new AddScaled(y[row], 1, x[row]));
        }

        return x;
    }
}
