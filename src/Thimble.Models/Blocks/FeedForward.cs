using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Models.Blocks;

/// <summary><c>y = Down · f(Up · x)</c>.</summary>
/// <param name="Up">To the wide features.</param>
/// <param name="Down">Back.</param>
/// <param name="Function">f.</param>
internal sealed record FeedForward(Linear Up, Linear Down, Nonlinearity Function) : Block
{
    /// <inheritdoc />
    public override int Outputs => Down.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Up.Weights, .. Down.Weights];

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix wide = pass.Scratch.Rent(x.Rows, Up.Outputs);
        Up.Apply(pass, x, wide);
        Function.Apply(wide.Values);
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
    /// <inheritdoc />
    public override int Outputs => Down.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. GateUp.Weights, .. Down.Weights];

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        int wide = GateUp.Outputs / 2;
        Matrix both = pass.Scratch.Rent(x.Rows, GateUp.Outputs), hidden = pass.Scratch.Rent(x.Rows, wide);
        GateUp.Apply(pass, x, both);
        for (int row = 0; row < x.Rows; row++)
        {
            Span<float> gate = both[row][..wide];
            Function.Gate(gate, both[row][wide..]);
            gate.CopyTo(hidden[row]);
        }

        Down.Apply(pass, hidden, y);
    }
}
