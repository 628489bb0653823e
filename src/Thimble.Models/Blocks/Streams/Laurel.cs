using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary><c>x = (x + after(block(n)) + n + last(Up·Down·n)) / √2</c> with <c>n = before(x)</c>: beside a block, a way past it that is
/// learned, of low rank.</summary>
/// <remarks>Source: Menghani et al., "LAuReL: Learned Augmented Residual Layer", 2024, section 2.2; as Gemma 3n has it.</remarks>
/// <param name="Before">Normalises what goes in.</param>
/// <param name="Block">What is added.</param>
/// <param name="After">Normalises the block's outcome.</param>
/// <param name="Down">To few features.</param>
/// <param name="Up">Back.</param>
/// <param name="Last">Normalises what went past.</param>
internal sealed record Laurel(Norm Before, Block Block, Norm After, Linear Down, Linear Up, Norm Last) : Step
{
    /// <inheritdoc />
    public override IEnumerable<Block> Blocks => [Block, Down, Up];

    /// <inheritdoc />
    public override void Describe(Demands demands, int width)
    {
        demands.Norm("norm", Before, width);
        demands.Product(Down);
        demands.Product(Up);
        demands.Norm("norm_past", Last, width);
        Block.Describe(demands);
        demands.Norm("norm_after", After, width);
        demands.Map("add", width, 4, read: 4);
    }

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix input = pass.Scratch.Rent(x.Rows, x.Columns), y = pass.Scratch.Rent(x.Rows, x.Columns);
        Before.Apply(pass, x, input);
        Matrix past = Up.Of(pass, Down.Of(pass, input));
        Last.Apply(pass, past, past);
        Block.Apply(pass, input, y);
        After.Apply(pass, y, y);
        RowWork.Run(pass.Team, x.Rows, x.Columns, new AddRows(y, 1, x));
        RowWork.Run(pass.Team, x.Rows, x.Columns, new AddRows(past, 1, input));
        RowWork.Run(pass.Team, x.Rows, x.Columns, new AddRows(input, 1, x));
        Lanes.Best(new Scaled(x.Values, MathF.Sqrt(0.5f), x.Values));
        return x;
    }
}
