using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary><c>y = Down · f(Up · x)</c>.</summary>
/// <param name="Up">To the wide features.</param>
/// <param name="Down">Back.</param>
/// <param name="Function">f.</param>
internal sealed record FeedForward(Linear Up, Linear Down, Nonlinearity Function) : Block
{
    /// <summary>About what a function of one number costs.</summary>
    internal const int FunctionOperations = 5;

    /// <summary>Factor on each wide feature after f, shape [wide]; null for 1.</summary>
    public float[]? Factors { get; init; }

    /// <inheritdoc />
    public override int Outputs => Down.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Up.Weights, .. Down.Weights];

    /// <inheritdoc />
    public override void Describe(Demands demands)
    {
        demands.Product(Up);
        demands.Map("ffn_function", Up.Outputs, FunctionOperations);
        demands.Product(Down);
    }

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix wide = pass.Scratch.Rent(x.Rows, Up.Outputs);
        Up.Apply(pass, x, wide);
        RowWork.Run(pass.Team, wide.Rows, wide.Columns, new MapRows(Function, wide));
        for (int row = 0; Factors is not null && row < wide.Rows; row++)
            Lanes.Best(new Product(wide[row], Factors, wide[row]));
        Down.Apply(pass, wide, y);
    }
}

/// <summary><c>y = Down · (f(Gate · x) ⊙ (Up · x))</c>.</summary>
/// <remarks>Source: Shazeer, "GLU Variants Improve Transformer", 2020, eq. 6.</remarks>
/// <param name="GateUp">Gate and up, side by side.</param>
/// <param name="Down">Back.</param>
/// <param name="Function">f.</param>
internal sealed record GatedFeedForward(Linear GateUp, Linear Down, Nonlinearity Function) : Block
{
    /// <summary>Which gates are let through; null for all.</summary>
    public GaussianTopK? Sparsity { get; init; }

    /// <summary>Normalises the wide features before they go down; null for none.</summary>
    public Norm? Inner { get; init; }

    /// <inheritdoc />
    public override int Outputs => Down.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. GateUp.Weights, .. Down.Weights];

    /// <inheritdoc />
    public override void Describe(Demands demands)
    {
        demands.Product(GateUp);
        demands.Map("ffn_gate", GateUp.Outputs / 2, FeedForward.FunctionOperations + 1, read: 2);
        demands.Norm("ffn_norm_inner", Inner, GateUp.Outputs / 2);
        demands.Product(Down);
    }

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        int wide = GateUp.Outputs / 2;
        Matrix both = pass.Scratch.Rent(x.Rows, GateUp.Outputs), hidden = pass.Scratch.Rent(x.Rows, wide);
        GateUp.Apply(pass, x, both);
        for (int row = 0; Sparsity is not null && row < x.Rows; row++)
            Sparsity.Apply(both[row][..wide]);
        RowWork.Run(pass.Team, x.Rows, both.Columns, new GateRows(Function, both, hidden));
        Inner?.Apply(pass, hidden, hidden);
        Down.Apply(pass, hidden, y);
    }
}
