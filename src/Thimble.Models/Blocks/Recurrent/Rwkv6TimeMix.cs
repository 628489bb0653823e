using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>RWKV 6's time mix: as RWKV 5's, but how tokens blend with the one before, and how fast matrices fade, depends on the token.
/// Without a bonus it is the gated linear attention of QRWKV 6.</summary>
/// <remarks>Source: Peng et al., "Eagle and Finch", 2024, section 4.2 (Finch); Yang et al., "Gated Linear Attention Transformers", 2023,
/// section 4.1.</remarks>
/// <param name="Blend">Share of the past in what chooses the shares, shape [features].</param>
/// <param name="Choice">From that to a short vector for each of the five shares, side by side.</param>
/// <param name="Shares">From each short vector to a share of the past (in decay, key, value, receptance, gate) beyond its bias.</param>
/// <param name="Receptance">Shape [features, features].</param>
/// <param name="Key">Shape [features of all key heads, features].</param>
/// <param name="Value">Shape [features of all key heads, features].</param>
/// <param name="Gate">Shape [features, features].</param>
/// <param name="Decay">To the logarithm of each channel's rate of fading.</param>
/// <param name="Output">Shape [features, features].</param>
/// <param name="Size">Features of a head.</param>
internal sealed record Rwkv6TimeMix(
    float[] Blend, Linear Choice, Linear[] Shares, Linear Receptance, Linear Key, Linear Value, Linear Gate, LowRank Decay, Linear Output, int Size)
    : Mixer
{
    /// <summary>Factor on the present token's own contribution, shape [features]; null where it counts like any other.</summary>
    public float[]? Bonus { get; init; }

    /// <summary>Normalises each head, then scales each feature; null for none.</summary>
    public HeadNorm? Norm { get; init; }

    private int Heads => Receptance.Outputs / Size;

    /// <inheritdoc />
    public override int Outputs => Output.Outputs;

    /// <inheritdoc />
    public override StateShape State => StateShape.Recurrent(Blend.Length + (Receptance.Outputs * Size));   // last token, a matrix for each head

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights =>
    [
        .. Choice.Weights, .. Shares.SelectMany(share => share.Weights), .. Receptance.Weights, .. Key.Weights, .. Value.Weights,
        .. Gate.Weights, .. Decay.Weights, .. Output.Weights,
    ];

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix before = TokenShift.Before(pass, x, Number), choice = Choice.Of(pass, TokenShift.Mixed(pass, x, before, Blend));
        Lanes.Best(new Map<Tanh>(choice.Values, choice.Values));
        Matrix w = Decay.Apply(pass, Mixed(pass, x, before, choice, 0)), k = Key.Of(pass, Mixed(pass, x, before, choice, 1));
        Matrix v = Value.Of(pass, Mixed(pass, x, before, choice, 2)), r = Receptance.Of(pass, Mixed(pass, x, before, choice, 3));
        Matrix gate = Gate.Of(pass, Mixed(pass, x, before, choice, 4)), mixed = pass.Scratch.Rent(x.Rows, r.Columns);
        Lanes.Best(new Map<Exp>(w.Values, w.Values));
        Lanes.Best(new Scaled(w.Values, -1, w.Values));
        Lanes.Best(new Map<Exp>(w.Values, w.Values));
        foreach (Segment segment in pass.Segments)
        {
            Span<float> state = segment.State.Recurrent(Number)[x.Columns..];
            for (int row = segment.First; row < segment.First + segment.Count; row++)
                Row(r[row], k[row], v[row], w[row], state, mixed[row]);
        }

        if (Bonus is null)
            Lanes.Best(new Gate<Sigmoid>(gate.Values, mixed.Values, mixed.Values));
        else
            Lanes.Best(new Gate<Silu>(gate.Values, mixed.Values, mixed.Values));
        Output.Apply(pass, mixed, y);
    }

    /// <summary>Each token blended with the one before, by a share that it chooses.</summary>
    private Matrix Mixed(Pass pass, Matrix x, Matrix before, Matrix choice, int part)
    {
        int rank = Shares[part].Inputs;
        Matrix mix = Shares[part].Of(pass, pass.Columns(choice, part * rank, rank));
        Lanes.Best(new Blend(x.Values, before.Values, mix.Values, mix.Values));
        return mix;
    }

    private void Row(Span<float> r, Span<float> k, Span<float> v, Span<float> w, Span<float> state, Span<float> y)
    {
        int shared = Heads * Size / k.Length;   // heads that share a key and value
        for (int head = 0; head < Heads; head++)
        {
            int at = head * Size, from = head / shared * Size;
            Head(r.Slice(at, Size), k.Slice(from, Size), v.Slice(from, Size), w.Slice(at, Size), head, state.Slice(at * Size, Size * Size), y.Slice(at, Size));
        }

        Norm?.Apply(y, Size);
    }

    private void Head(Span<float> r, Span<float> k, Span<float> v, Span<float> w, int head, Span<float> state, Span<float> y)
    {
        if (Bonus is not null)
        {
            Lanes.Best(new Wkv5(state, r, k, v, w, Bonus.AsSpan(head * Size, Size), y));
            return;
        }

        // The outcome sees the matrix after this token: rᵀ(w⊙S + k·vᵀ) = (r⊙w)ᵀS + (r·k)·v, where the key is k ⊙ (1 − w).
        Span<float> key = stackalloc float[Size], seen = stackalloc float[Size], none = stackalloc float[Size];
        none.Clear();
        float own = 0, scale = 1 / MathF.Sqrt(Size);
        for (int i = 0; i < Size; i++)
        {
            key[i] = k[i] - (k[i] * w[i]);
            seen[i] = r[i] * w[i] * scale;
            own += r[i] * key[i] * scale;
        }

        Lanes.Best(new Wkv5(state, seen, key, v, w, none, y));
        Lanes.Best(new AddScaled(v, own, y));
    }
}
