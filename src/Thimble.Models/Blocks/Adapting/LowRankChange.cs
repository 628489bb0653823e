using Thimble.Compute.Formats;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>What an adapter adds to the products of a weight: <c>y += factor · B·(A·x)</c>, through a small rank.</summary>
/// <remarks>Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021, section 4.1.</remarks>
/// <param name="A">To the rank, shape [rank, columns of the weight]; for an embedding one row a token, shape [vocabulary, rank].</param>
/// <param name="B">Back, shape [rows of the weight, rank].</param>
/// <param name="Factor">Usually alpha / rank.</param>
internal sealed record LowRankChange(Weight A, Weight B, float Factor) : WeightChange
{
    /// <inheritdoc />
    public override float Factor { get; init; } = Factor;

    /// <inheritdoc />
    public override int Outputs => B.Rows;

    /// <summary>A matrix of an adapter: floats, multiplied as floats, in memory of its own that goes with its last user.</summary>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">Inputs.</param>
    /// <param name="values">Shape [rows · columns].</param>
    public static Weight Matrix(string name, int rows, int columns, ReadOnlySpan<float> values)
    {
        var memory = new Allocation((long)values.Length * sizeof(float));
        values.CopyTo(memory.Floats);
        return new(name, BlockFormats.Named("F32"), rows, columns, memory.Region, new(Precision.Floats));
    }

    /// <summary><c>B·(A·x)</c>.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [rows, columns].</param>
    /// <param name="y">Receives it, shape [rows, rows of B].</param>
    public void Turned(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix small = pass.Scratch.Rent(x.Rows, A.Rows);
        Multiply(pass, A, x, small);
        Multiply(pass, B, small, y);
    }

    /// <summary>Adds to one token's row of the embedding's table.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="token">The token.</param>
    /// <param name="scale">How strongly.</param>
    /// <param name="y">Shape [features].</param>
    public void AddRow(Pass pass, int token, float scale, Span<float> y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix small = pass.Scratch.Rent(1, A.Columns), change = pass.Scratch.Rent(1, B.Rows);
        A.Decode(token, small[0]);
        B.Multiply(pass.Ready(small, B.TakesBytes), change, pass.Team);
        Lanes.Best(new AddScaled(change[0], Factor * scale, y));
    }

    /// <inheritdoc />
    protected override void Compute(Pass pass, Matrix x, Matrix product, Matrix change) => Turned(pass, x, change);
}
