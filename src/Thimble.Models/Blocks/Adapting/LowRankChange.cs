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
internal sealed record LowRankChange(Weight A, Weight B, float Factor)
{
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

    /// <summary>Adds to rows of products.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="scales">A factor for each row, 0 for rows that are left as they are, shape [rows].</param>
    /// <param name="x">What was multiplied, shape [rows, columns].</param>
    /// <param name="y">The products, shape [rows, ≥ column + rows of B].</param>
    /// <param name="column">Where in a row of <paramref name="y"/> they begin.</param>
    public void Add(Pass pass, ReadOnlySpan<float> scales, Matrix x, Matrix y, int column)
    {
        int count = scales.Length - scales.Count(0f), at = 0;
        if (count == 0)
            return;

        // Rows of other sequences take no part, so that a row's sum is the same whoever else is in the run.
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix input = pass.Scratch.Rent(count, x.Columns), small = pass.Scratch.Rent(count, A.Rows), change = pass.Scratch.Rent(count, B.Rows);
        for (int row = 0; row < scales.Length; row++)
        {
            if (scales[row] != 0)
                x[row].CopyTo(input[at++]);
        }

        A.Multiply(pass.Ready(input, A.TakesBytes), small, pass.Team);
        B.Multiply(pass.Ready(small, B.TakesBytes), change, pass.Team);
        at = 0;
        for (int row = 0; row < scales.Length; row++)
        {
            if (scales[row] != 0)
                Lanes.Best(new AddScaled(change[at++], Factor * scales[row], y[row].Slice(column, B.Rows)));
        }
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
}
