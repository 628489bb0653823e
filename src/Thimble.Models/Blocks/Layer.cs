using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>One layer: steps that token vectors go through in order.</summary>
/// <param name="Steps">The steps.</param>
internal sealed record Layer(params Step[] Steps);

/// <summary>A step of a layer.</summary>
/// <param name="Block">What it computes.</param>
internal abstract record Step(Block Block)
{
    /// <summary>Runs the step.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [rows, features].</param>
    /// <returns>The outcome: <paramref name="x"/> changed in place, or a matrix of its own.</returns>
    public abstract Matrix Apply(Pass pass, Matrix x);
}

/// <summary><c>x = x + scale · after(block(before(x)))</c>.</summary>
/// <param name="Before">Normalises the block's input; null for none.</param>
/// <param name="Block">What is added.</param>
/// <param name="After">Normalises the block's output; null for none.</param>
/// <param name="Scale">Factor on what is added.</param>
/// <param name="Last">Normalises the sum; null for none.</param>
internal sealed record Residual(Norm? Before, Block Block, Norm? After = null, float Scale = 1, Norm? Last = null) : Step(Block)
{
    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix input = x;
        if (Before is not null)
        {
            input = pass.Scratch.Rent(x.Rows, x.Columns);
            Before.Apply(x, input);
        }

        Matrix y = pass.Scratch.Rent(x.Rows, x.Columns);
        Block.Apply(pass, input, y);
        After?.Apply(y, y);
        Lanes.Best(new AddScaled(y.Values, Scale, x.Values));
        Last?.Apply(x, x);
        return x;
    }
}

/// <summary><c>x = block(before(x))</c>: nothing is carried past the block.</summary>
/// <param name="Before">Normalises the block's input; null for none.</param>
/// <param name="Block">What replaces x.</param>
internal sealed record Through(Norm? Before, Block Block) : Step(Block)
{
    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x)
    {
        Before?.Apply(x, x);
        Matrix y = pass.Scratch.Rent(x.Rows, Block.Outputs);
        Block.Apply(pass, x, y);
        return y;
    }
}
