using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Models.States;

namespace Thimble.Models.Blocks;

/// <summary>RWKV 7's time mix: a delta rule that removes what the state held under a key before it adds the new value.</summary>
/// <remarks>Source: Peng et al., "RWKV-7 Goose", 2025, section 4.</remarks>
/// <param name="Mixes">Share of the past in receptance, decay, key, value, rate and gate, shape [6 · features]; no gate, no sixth.</param>
/// <param name="Receptance">Shape [features, features].</param>
/// <param name="Key">Shape [features, features].</param>
/// <param name="Value">Shape [features, features].</param>
/// <param name="Output">Shape [features, features].</param>
/// <param name="Decay">How fast each key channel fades.</param>
/// <param name="Rate">How much of the old value is removed.</param>
/// <param name="FirstValue">How much of the first layer's value is mixed in; null in the first layer.</param>
/// <param name="Gate">From features to a small rank and back, σ between; null for none.</param>
/// <param name="Keys">Factors on the key: for removal, for the rate, and for the bonus, each [features].</param>
/// <param name="Norm">Normalises each head, then scales each feature; null for none.</param>
/// <param name="Size">Features of a head.</param>
/// <param name="Values">Stands for the first layer's values, the same object in every layer.</param>
internal sealed record Rwkv7TimeMix(
    float[] Mixes, Linear Receptance, Linear Key, Linear Value, Linear Output,
    LowRank Decay, LowRank Rate, LowRank? FirstValue, LowRank? Gate,
    (float[] Removal, float[] Rate, float[] Bonus) Keys, HeadNorm? Norm, int Size, object Values) : Mixer
{
    /// <inheritdoc />
    public override int Outputs => Output.Outputs;

    /// <inheritdoc />
    public override StateShape State => StateShape.Recurrent(Keys.Bonus.Length * (1 + Size));   // last token, a matrix for each head

    /// <inheritdoc />
    public override IEnumerable<Weight> Weights =>
    [
        .. Receptance.Weights, .. Key.Weights, .. Value.Weights, .. Output.Weights,
        .. Decay.Weights, .. Rate.Weights, .. FirstValue?.Weights ?? [], .. Gate?.Weights ?? [],
    ];

    /// <inheritdoc />
    public override void Apply(Pass pass, Matrix x, Matrix y)
    {
        int width = x.Columns;
        Matrix first = pass.Shared(Values, x.Rows, width, out bool _);
        using Arena.Scope _ = pass.Scratch.Mark();
        Matrix before = TokenShift.Before(pass, x, Number), xv = Mixed(pass, x, before, 3);
        Matrix r = Receptance.Of(pass, Mixed(pass, x, before, 0)), k = Key.Of(pass, Mixed(pass, x, before, 2));
        Matrix v = Value.Of(pass, xv);
        Matrix w = Decay.Apply(pass, Mixed(pass, x, before, 1)), a = Rate.Apply(pass, Mixed(pass, x, before, 4));
        Lanes.Best(new Map<Sigmoid>(w.Values, w.Values));
        Lanes.Best(new Scaled(w.Values, -0.60653066f, w.Values));   // −e^−½: a channel keeps at least 54 % with each token
        Lanes.Best(new Map<Exp>(w.Values, w.Values));
        Lanes.Best(new Map<Sigmoid>(a.Values, a.Values));
        if (FirstValue is null)
        {
            v.Values.CopyTo(first.Values);
        }
        else
        {
            Matrix share = FirstValue.Apply(pass, xv);
            Lanes.Best(new Map<Sigmoid>(share.Values, share.Values));
            Lanes.Best(new Blend(v.Values, first.Values, share.Values, v.Values));
        }

        Matrix mixed = pass.Scratch.Rent(x.Rows, width), removal = pass.Scratch.Rent(1, width), rate = pass.Scratch.Rent(1, width);
        foreach (Segment segment in pass.Segments)
        {
            Span<float> state = segment.State.Recurrent(Number)[width..];
            for (int row = segment.First; row < segment.First + segment.Count; row++)
            {
                Prepare(k[row], a[row], removal[0], rate[0]);
                Row(r[row], w[row], k[row], v[row], removal[0], rate[0], state, mixed[row]);
            }
        }

        if (Gate is not null)
            Lanes.Best(new Product(mixed.Values, Gate.Apply(pass, Mixed(pass, x, before, 5)).Values, mixed.Values));
        Output.Apply(pass, mixed, y);
    }

    /// <summary>The direction to remove, of length 1 in each head, the rate along it, and the key itself.</summary>
    private void Prepare(Span<float> k, ReadOnlySpan<float> a, Span<float> removal, Span<float> rate)
    {
        Lanes.Best(new Product(k, Keys.Removal, removal));
        for (int at = 0; at < k.Length; at += Size)
        {
            Span<float> head = removal.Slice(at, Size);
            Lanes.Best(new UnitLength(head, 1, 1e-12f, head));
        }

        Lanes.Best(new Product(removal, a, rate));
        for (int i = 0; i < k.Length; i++)
            k[i] *= 1 + ((a[i] - 1) * Keys.Rate[i]);
    }

    private void Row(
        ReadOnlySpan<float> r, ReadOnlySpan<float> w, ReadOnlySpan<float> k, ReadOnlySpan<float> v,
        ReadOnlySpan<float> removal, ReadOnlySpan<float> rate, Span<float> state, Span<float> y)
    {
        for (int at = 0; at < y.Length; at += Size)
        {
            Lanes.Best(new Wkv7(
                state.Slice(at * Size, Size * Size), r.Slice(at, Size), w.Slice(at, Size), k.Slice(at, Size), v.Slice(at, Size),
                removal.Slice(at, Size), rate.Slice(at, Size), y.Slice(at, Size)));
        }

        Norm?.Apply(y, Size);
        for (int at = 0; at < y.Length; at += Size)
        {
            float bonus = 0;
            for (int i = at; i < at + Size; i++)
                bonus += r[i] * k[i] * Keys.Bonus[i];
            Lanes.Best(new AddScaled(v.Slice(at, Size), bonus, y.Slice(at, Size)));
        }
    }

    private Matrix Mixed(Pass pass, Matrix x, Matrix before, int part) =>
        TokenShift.Mixed(pass, x, before, Mixes.AsSpan(part * x.Columns, x.Columns));
}
