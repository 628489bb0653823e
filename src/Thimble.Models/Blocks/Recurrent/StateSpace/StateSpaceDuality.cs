using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>Mamba 2's mixer: a short convolution over values, B and C, then heads that keep a matrix and let it fade by <c>e^(Δ·A)</c>,
/// then a gate and a norm.</summary>
/// <remarks>Source: Dao and Gu, "Transformers are SSMs: Generalized Models and Efficient Algorithms Through Structured State Space
/// Duality", 2024, section 7.</remarks>
/// <param name="Input">To gates, values, B, C and each head's Δ, side by side.</param>
/// <param name="Convolution">Over values, B and C of the latest tokens.</param>
/// <param name="Memory">The heads; B is their key and C their query.</param>
/// <param name="StepBias">Added to Δ before its softplus, shape [heads].</param>
/// <param name="Decay">A, shape [heads].</param>
/// <param name="Norm">Normalises the gated outcome, a group of heads at a time; null for none.</param>
/// <param name="Output">Back to features.</param>
internal sealed record StateSpaceDuality(
    Linear Input, ShortConvolution Convolution, MatrixMemory Memory, float[] StepBias, float[] Decay, Norm? Norm, Linear Output) : Mixer
{
    /// <inheritdoc />
    public override int Outputs => Output.Outputs;

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Input.Weights, .. Output.Weights];

    /// <inheritdoc />
    public override StateShape State => StateShape.Recurrent(Convolution.Floats + Memory.Floats);

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        int values = Memory.Values;
        Matrix all = Input.Of(pass, x), mixed = Convolution.Apply(pass, all, values, Number);
        Matrix rates = Rates(pass, all), scanned = pass.Scratch.Rent(x.Rows, values);
        Memory.Apply(pass, mixed, (values + Memory.Keys, values, 0), rates, (Number, Convolution.Floats), scanned);
        for (int row = 0; row < x.Rows; row++)
        {
            Lanes.Best(new Gate<Silu>(all[row][..values], scanned[row], scanned[row]));
            Norm?.ApplyToParts(scanned[row], values / Memory.KeyHeads);
        }

        Output.Apply(pass, scanned, y);
    }

    /// <summary>What each head keeps, <c>e^(Δ·A)</c>, and how much it writes, <c>Δ = softplus(δ + bias)</c>.</summary>
    private Matrix Rates(Pass pass, Matrix all)
    {
        int heads = Memory.Heads;
        Matrix rates = pass.Scratch.Rent(all.Rows, 2 * heads);
        for (int row = 0; row < all.Rows; row++)
        {
            Span<float> kept = rates[row][..heads], steps = rates[row][heads..];
            all[row][^heads..].CopyTo(steps);
            Lanes.Best(new AddScaled(StepBias, 1, steps));
            Lanes.Best(new Map<Softplus>(steps, steps));
            Lanes.Best(new Product(steps, Decay, kept));
            Lanes.Best(new Map<Exp>(kept, kept));
        }

        return rates;
    }
}
