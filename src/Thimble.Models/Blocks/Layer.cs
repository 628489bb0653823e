using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>One layer: steps that token vectors go through in order.</summary>
/// <param name="Steps">The steps.</param>
internal sealed record Layer(params Step[] Steps);

/// <summary>A step of a layer.</summary>
internal abstract record Step
{
    /// <summary>What it computes, in order.</summary>
    public abstract IEnumerable<Block> Blocks { get; }

    /// <summary>Writes down what a run asks of a machine.</summary>
    /// <param name="demands">Receives the operations, in the order they are computed.</param>
    /// <param name="width">Features of a token vector.</param>
    public virtual void Describe(Demands demands, int width)
    {
        foreach (Block block in Blocks)
            block.Describe(demands);
    }

    /// <summary>Runs the step.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [rows, features].</param>
    /// <returns>The outcome: <paramref name="x"/> changed in place, or a matrix of its own.</returns>
    public abstract Matrix Apply(Pass pass, Matrix x);

    /// <summary>Runs a block of it, timed where someone times.</summary>
    private protected static void Run(Pass pass, Block block, Matrix x, Matrix y)
    {
        using OperationMark _ = OperationTrace.Of(pass.Trace, block, x, y.Columns);
        block.Apply(pass, x, y);
    }
}

/// <summary><c>x = x + scale · after(block(before(x)))</c>.</summary>
/// <param name="Before">Normalises the block's input; null for none.</param>
/// <param name="Block">What is added.</param>
/// <param name="After">Normalises the block's output; null for none.</param>
/// <param name="Scale">Factor on what is added.</param>
/// <param name="Last">Normalises the sum; null for none.</param>
internal sealed record Residual(Norm? Before, Block Block, Norm? After = null, float Scale = 1, Norm? Last = null) : Step
{
    /// <inheritdoc />
    public override IEnumerable<Block> Blocks => [Block];

    /// <inheritdoc />
    public override void Describe(Demands demands, int width)
    {
        demands.Norm("norm", Before, width);
        Block.Describe(demands);
        demands.Norm("norm_after", After, width);
        demands.Map("add", width, 1, read: 2);
        demands.Norm("norm_last", Last, width);
    }

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix input = x;
        if (Before is not null)
        {
            input = pass.Scratch.Rent(x.Rows, x.Columns);
            Before.Apply(pass, x, input);
        }

        Matrix y = pass.Scratch.Rent(x.Rows, x.Columns);
        Run(pass, Block, input, y);
        After?.Apply(pass, y, y);
        RowWork.Run(pass.Team, x.Rows, x.Columns, new AddRows(y, Scale, x));
        Last?.Apply(pass, x, x);
        return x;
    }
}

/// <summary><c>x = block(before(x))</c>: nothing is carried past the block.</summary>
/// <param name="Before">Normalises the block's input; null for none.</param>
/// <param name="Block">What replaces x.</param>
internal sealed record Through(Norm? Before, Block Block) : Step
{
    /// <inheritdoc />
    public override IEnumerable<Block> Blocks => [Block];

    /// <inheritdoc />
    public override void Describe(Demands demands, int width)
    {
        demands.Norm("norm", Before, width);
        Block.Describe(demands);
    }

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x)
    {
        Before?.Apply(pass, x, x);
        Matrix y = pass.Scratch.Rent(x.Rows, Block.Outputs);
        Run(pass, Block, x, y);
        return y;
    }
}

/// <summary><c>x = x + Σ blockᵢ(beforeᵢ(x))</c>: blocks side by side, each of which sees the same x.</summary>
/// <param name="Branches">The blocks; neighbours with the same norm share its outcome.</param>
internal sealed record ParallelResidual(params Branch[] Branches) : Step
{
    /// <inheritdoc />
    public override IEnumerable<Block> Blocks => Branches.Select(branch => branch.Block);

    /// <inheritdoc />
    public override void Describe(Demands demands, int width)
    {
        Norm? shared = null;
        foreach ((Norm? before, Block block) in Branches)
        {
            if (!ReferenceEquals(before, shared))
                demands.Norm("norm", before, width);
            shared = before;
            block.Describe(demands);
            demands.Map("add", width, 1, read: 2);
        }
    }

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix input = pass.Scratch.Rent(x.Rows, x.Columns), sum = pass.Scratch.Rent(x.Rows, x.Columns), y = pass.Scratch.Rent(x.Rows, x.Columns);
        Norm? shared = null;
        for (int i = 0; i < Branches.Length; i++)
        {
            (Norm? before, Block block) = Branches[i];
            if (!ReferenceEquals(before, shared))
                before?.Apply(pass, x, input);
            shared = before;
            Run(pass, block, before is null ? x : input, i == 0 ? sum : y);
            if (i > 0)
                RowWork.Run(pass.Team, x.Rows, x.Columns, new AddRows(y, 1, sum));
        }

        RowWork.Run(pass.Team, x.Rows, x.Columns, new AddRows(sum, 1, x));
        return x;
    }
}

/// <summary>One of several blocks side by side.</summary>
/// <param name="Before">Normalises its input; null for none.</param>
/// <param name="Block">What it computes.</param>
internal sealed record Branch(Norm? Before, Block Block);

/// <summary><c>x = scale · x</c>.</summary>
/// <param name="Scale">Factor.</param>
internal sealed record Rescale(float Scale) : Step
{
    /// <inheritdoc />
    public override IEnumerable<Block> Blocks => [];

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x)
    {
        Lanes.Best(new Scaled(x.Values, Scale, x.Values));
        return x;
    }
}
