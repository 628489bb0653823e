using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>RWKV 5's time mix: each head keeps a matrix to which every token adds <c>k·vᵀ</c> and which fades at a learned rate.</summary>
/// <remarks>Source: Peng et al., "Eagle and Finch", 2024, section 4.1 (Eagle).</remarks>
/// <param name="Mixes">Share of the present in receptance, key, value and gate, each [features]; no gate, no fourth.</param>
/// <param name="Decay">Factor on the state with each token, in (0, 1), shape [features].</param>
/// <param name="Bonus">Factor on the present token's own contribution, shape [features].</param>
/// <param name="Receptance">Shape [features, features].</param>
/// <param name="Key">Shape [features, features].</param>
/// <param name="Value">Shape [features, features].</param>
/// <param name="Gate">Shape [features, features]; null in RWKV 5.1.</param>
/// <param name="Norm">Normalises each head, then scales each feature.</param>
/// <param name="Output">Shape [features, features].</param>
/// <param name="Size">Features of a head.</param>
internal sealed record Rwkv5TimeMix(
    float[][] Mixes, float[] Decay, float[] Bonus, Linear Receptance, Linear Key, Linear Value, Linear? Gate,
    HeadNorm Norm, Linear Output, int Size) : Mixer
{
    /// <inheritdoc />
    public override int Outputs => Output.Outputs;

    /// <inheritdoc />
    public override StateShape State => StateShape.Recurrent(Decay.Length * (1 + Size));   // last token, a matrix for each head

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights =>
        [.. Receptance.Weights, .. Key.Weights, .. Value.Weights, .. Gate?.Weights ?? [], .. Output.Weights];

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix before = TokenShift.Before(pass, x, Number);
        Matrix r = Receptance.Of(pass, TokenShift.Mixed(pass, before, x, Mixes[0]));
        Matrix k = Key.Of(pass, TokenShift.Mixed(pass, before, x, Mixes[1]));
        Matrix v = Value.Of(pass, TokenShift.Mixed(pass, before, x, Mixes[2]));
        Matrix mixed = pass.Scratch.Rent(x.Rows, Decay.Length);
        foreach (Segment segment in pass.Segments)
        {
            Span<float> state = segment.State.Recurrent(Number)[x.Columns..];
            for (int row = segment.First; row < segment.First + segment.Count; row++)
                Row(r[row], k[row], v[row], state, mixed[row]);
        }

        if (Gate is not null)
        {
            Matrix gate = Gate.Of(pass, TokenShift.Mixed(pass, before, x, Mixes[3]));
            Lanes.Best(new Gate<Silu>(gate.Values, mixed.Values, mixed.Values));
        }

        Output.Apply(pass, mixed, y);
    }

    private void Row(ReadOnlySpan<float> r, ReadOnlySpan<float> k, ReadOnlySpan<float> v, Span<float> state, Span<float> y)
    {
        for (int at = 0; at < y.Length; at += Size)
        {
            Lanes.Best(new Wkv5(
                state.Slice(at * Size, Size * Size), r.Slice(at, Size), k.Slice(at, Size), v.Slice(at, Size),
                Decay.AsSpan(at, Size), Bonus.AsSpan(at, Size), y.Slice(at, Size)));
        }

        Norm.Apply(y, Size);
    }
}
