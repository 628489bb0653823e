using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>RWKV's feed-forward block, which sees the token before too: <c>y = σ(R·xr) ⊙ V·relu(K·xk)²</c>; RWKV 7 has no R.</summary>
/// <remarks>Source: Peng et al., "RWKV: Reinventing RNNs for the Transformer Era", 2023, eq. 17-19.</remarks>
/// <param name="KeyMix">Share of the present in the key, shape [features].</param>
/// <param name="Key">To the wide features.</param>
/// <param name="Value">Back.</param>
/// <param name="ReceptanceMix">Share of the present in the receptance, shape [features]; null if there is none.</param>
/// <param name="Receptance">R; null if there is none.</param>
internal sealed record RwkvChannelMix(
    float[] KeyMix, Linear Key, Linear Value, float[]? ReceptanceMix = null, Linear? Receptance = null) : Mixer
{
    /// <inheritdoc />
    public override int Outputs => Value.Outputs;

    /// <inheritdoc />
    public override StateShape State => StateShape.Recurrent(KeyMix.Length);   // last token

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights => [.. Key.Weights, .. Value.Weights, .. Receptance?.Weights ?? []];

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix before = TokenShift.Before(pass, x, Number);
        Matrix wide = pass.Scratch.Rent(x.Rows, Key.Outputs);
        Key.Apply(pass, TokenShift.Mixed(pass, before, x, KeyMix), wide);
        Lanes.Best(new Map<ReluSquared>(wide.Values, wide.Values));
        Value.Apply(pass, wide, y);
        if (Receptance is null)
            return;

        Matrix r = pass.Scratch.Rent(x.Rows, Receptance.Outputs);
        Receptance.Apply(pass, TokenShift.Mixed(pass, before, x, ReceptanceMix), r);
        Lanes.Best(new Gate<Sigmoid>(r.Values, y.Values, y.Values));
    }
}
