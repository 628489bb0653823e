using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Blocks;

/// <summary>What an adapter adds to the products of a weight.</summary>
internal abstract record WeightChange
{
    /// <summary>Factor on what is added.</summary>
    public virtual float Factor { get; init; } = 1;

    /// <summary>Rows of the weight.</summary>
    public abstract int Outputs { get; }

    /// <summary>Whether it asks for the product itself, as it was before any adapter.</summary>
    public virtual bool NeedsProduct => false;

    /// <summary>Adds to rows of products.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="scales">A factor for each row, 0 for rows that are left as they are, shape [rows].</param>
    /// <param name="x">What was multiplied, shape [rows, columns].</param>
    /// <param name="product">The products before any adapter, shape [rows, outputs]; anything where <see cref="NeedsProduct"/> is false.</param>
    /// <param name="y">The products, shape [rows, ≥ column + outputs].</param>
    /// <param name="column">Where in a row of <paramref name="y"/> they begin.</param>
    public void Add(Pass pass, ReadOnlySpan<float> scales, Matrix x, Matrix product, Matrix y, int column)
    {
        int count = scales.Length - scales.Count(0f), at = 0;
        if (count == 0)
            return;

        // Rows of other sequences take no part, so that a row's sum is the same whoever else is in the run.
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix input = pass.Scratch.Rent(count, x.Columns), given = NeedsProduct ? pass.Scratch.Rent(count, Outputs) : default;
        Matrix change = pass.Scratch.Rent(count, Outputs);
        for (int row = 0; row < scales.Length; row++)
        {
            if (scales[row] == 0)
                continue;
            x[row].CopyTo(input[at]);
            if (NeedsProduct)
                product[row].CopyTo(given[at]);
            at++;
        }

        Compute(pass, input, given, change);
        at = 0;
        for (int row = 0; row < scales.Length; row++)
        {
            if (scales[row] != 0)
                Lanes.Best(new AddScaled(change[at++], Factor * scales[row], y[row].Slice(column, Outputs)));
        }
    }

    /// <summary>Computes what is added, but for the factor.</summary>
    /// <param name="pass">The run.</param>
    /// <param name="x">Shape [rows, columns].</param>
    /// <param name="product">The products before any adapter, shape [rows, outputs], where they are asked for.</param>
    /// <param name="change">Receives it, shape [rows, outputs].</param>
    protected abstract void Compute(Pass pass, Matrix x, Matrix product, Matrix change);

    /// <summary><c>y = x·Wᵀ</c> for rows that are few.</summary>
    private protected static void Multiply(Pass pass, Weight weight, Matrix x, Matrix y) =>
        weight.Multiply(pass.Ready(x, weight.TakesBytes), y, pass.Team);
}
