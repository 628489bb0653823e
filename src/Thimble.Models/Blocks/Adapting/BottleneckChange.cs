using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Models.Blocks;

/// <summary>A narrow network beside or behind a weight: <c>y += s · U·f(D·x)</c>, <c>y += s · U·f(D·y)</c>, or before it <c>y += s · W·U·f(D·x)</c>.</summary>
/// <remarks>Source: He et al., "Towards a Unified View of Parameter-Efficient Transfer Learning", 2022, table 1, for the parallel kind; Houlsby et al.,
/// "Parameter-Efficient Transfer Learning for NLP", 2019, section 2.1, for the others.</remarks>
/// <param name="Down">D, shape [width, features].</param>
/// <param name="Up">U, shape [features, width].</param>
/// <param name="Function">f.</param>
/// <param name="Weight">W where the network stands before it; otherwise null.</param>
/// <param name="Outputs">Rows of the weight.</param>
/// <param name="Behind">Whether the network is given the product, not what was multiplied.</param>
internal sealed record BottleneckChange(Weight Down, Weight Up, Nonlinearity Function, Weight? Weight, int Outputs, bool Behind) : WeightChange
{
    /// <inheritdoc />
    public override int Outputs { get; } = Outputs;

    /// <inheritdoc />
    public override bool NeedsProduct => Behind;

    /// <inheritdoc />
    protected override void Compute(Pass pass, Matrix x, Matrix product, Matrix change)
    {
        Matrix narrow = pass.Scratch.Rent(x.Rows, Down.Rows);
        Multiply(pass, Down, Behind ? product : x, narrow);
        Function.Apply(narrow.Values);
        if (Weight is null)
        {
            Multiply(pass, Up, narrow, change);
            return;
        }

        Matrix before = pass.Scratch.Rent(x.Rows, Up.Rows);
        Multiply(pass, Up, narrow, before);
        Multiply(pass, Weight, before, change);
    }
}
