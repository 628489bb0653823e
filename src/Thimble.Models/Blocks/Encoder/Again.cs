using Thimble.Compute.Memory;

namespace Thimble.Models.Blocks;

/// <summary><c>x = norm(x + step(x))</c>: what a step was given is added once more to what came of it.</summary>
/// <param name="Inner">The step.</param>
/// <param name="Norm">Normalises the sum.</param>
internal sealed record Again(Step Inner, Norm Norm) : Step
{
    /// <inheritdoc />
    public override IEnumerable<Block> Blocks => Inner.Blocks;

    /// <inheritdoc />
    public override void Describe(Demands demands, int width)
    {
        Inner.Describe(demands, width);
        demands.Map("add", width, 1, read: 2);
        demands.Norm("norm_last", Norm, width);
    }

    /// <inheritdoc />
    public override Matrix Apply(Pass pass, Matrix x)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix given = pass.Scratch.Rent(x.Rows, x.Columns);
        x.Values.CopyTo(given.Values);
        Matrix y = Inner.Apply(pass, x);
        RowWork.Run(pass.Team, x.Rows, x.Columns, new AddRows(given, 1, y));
        Norm.Apply(pass, y, x);
        return x;
    }
}
