using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>RWKV 4's attention without attention: an average of all values so far, weighted by <c>e^key</c> and fading with age.</summary>
/// <remarks>Numerator and denominator are kept under a common exponent that never overflows.
/// Source: Peng et al., "RWKV: Reinventing RNNs for the Transformer Era", 2023, eq. 11-16 and appendix D.</remarks>
/// <param name="Mixes">Share of the present in receptance, key and value, each [features].</param>
/// <param name="Decay">Added to the exponent with each token, negative, shape [features].</param>
/// <param name="Bonus">Added to the present token's exponent, shape [features].</param>
/// <param name="Receptance">Shape [features, features].</param>
/// <param name="Key">Shape [features, features].</param>
/// <param name="Value">Shape [features, features].</param>
/// <param name="Output">Shape [features, features].</param>
internal sealed record Rwkv4TimeMix(
    (float[] Receptance, float[] Key, float[] Value) Mixes, float[] Decay, float[] Bonus,
    Linear Receptance, Linear Key, Linear Value, Linear Output) : Mixer
{
    /// <inheritdoc />
    public override int Outputs => Output.Outputs;

    /// <inheritdoc />
    public override StateShape State => StateShape.Recurrent(4 * Decay.Length);   // last token, numerator, denominator, exponent

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Receptance.Weights, .. Key.Weights, .. Value.Weights, .. Output.Weights];

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix before = TokenShift.Before(pass, x, Number);
        Matrix r = Receptance.Of(pass, TokenShift.Mixed(pass, before, x, Mixes.Receptance));
        Matrix k = Key.Of(pass, TokenShift.Mixed(pass, before, x, Mixes.Key));
        Matrix v = Value.Of(pass, TokenShift.Mixed(pass, before, x, Mixes.Value));
        foreach (Segment segment in pass.Segments)
        {
            Span<float> state = segment.State.Recurrent(Number)[x.Columns..];
            for (int row = segment.First; row < segment.First + segment.Count; row++)
            {
                Average(k[row], v[row], state);
                Lanes.Best(new Gate<Sigmoid>(r[row], v[row], r[row]));
            }
        }

        Output.Apply(pass, r, y);
    }

    /// <summary>Takes one token in; its value becomes the average.</summary>
    private void Average(ReadOnlySpan<float> k, Span<float> v, Span<float> state)
    {
        int size = k.Length;
        Span<float> sums = state[..size], counts = state.Slice(size, size), exponents = state[(2 * size)..];
        for (int i = 0; i < size; i++)
        {
            float exponent = counts[i] == 0 ? float.NegativeInfinity : exponents[i], now = Bonus[i] + k[i];   // nothing seen yet: no weight
            float greatest = MathF.Max(exponent, now), past = MathF.Exp(exponent - greatest), present = MathF.Exp(now - greatest);
            float average = ((past * sums[i]) + (present * v[i])) / ((past * counts[i]) + present);

            exponent += Decay[i];
            greatest = MathF.Max(exponent, k[i]);
            (past, present) = (MathF.Exp(exponent - greatest), MathF.Exp(k[i] - greatest));
            sums[i] = (past * sums[i]) + (present * v[i]);
            counts[i] = (past * counts[i]) + present;
            exponents[i] = greatest;
            v[i] = average;
        }
    }
}
