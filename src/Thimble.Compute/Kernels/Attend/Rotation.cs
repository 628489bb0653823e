using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Rotates pairs of one head by given angles: <c>(a, b) → (a·cos − b·sin, a·sin + b·cos)</c>, in place.</summary>
/// <remarks>Source: Su et al., "RoFormer", 2021, eq. 34; halves instead of neighbours as in GPT-NeoX.</remarks>
/// <param name="head">One head, shape [size]; what lies behind the rotated part stays.</param>
/// <param name="cosines">Shape [pairs].</param>
/// <param name="sines">Shape [pairs].</param>
/// <param name="adjacent">Whether a pair is two neighbours, or one value of each half.</param>
internal readonly ref struct Rotation(
    Span<float> head, ReadOnlySpan<float> cosines, ReadOnlySpan<float> sines, bool adjacent) : IKernel
{
    private readonly Span<float> _head = head;
    private readonly ReadOnlySpan<float> _cosines = cosines, _sines = sines;
    private readonly bool _adjacent = adjacent;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> cosines = _cosines, sines = _sines[..cosines.Length];
        int pairs = cosines.Length, i = 0;
        if (_adjacent)
        {
            Span<float> head = _head[..(2 * pairs)];
            for (; i < pairs; i++)
            {
                float a = head[2 * i], b = head[(2 * i) + 1];
                head[2 * i] = MathF.FusedMultiplyAdd(a, cosines[i], -(b * sines[i]));
                head[(2 * i) + 1] = MathF.FusedMultiplyAdd(a, sines[i], b * cosines[i]);
            }

            return;
        }

        Span<float> low = _head[..pairs], high = _head.Slice(pairs, pairs);
        for (; i <= pairs - TLane.Count; i += TLane.Count)
            Pair<TLane>(ref low[i], ref high[i], in cosines[i], in sines[i]);
        for (; i < pairs; i++)
            Pair<Scalar>(ref low[i], ref high[i], in cosines[i], in sines[i]);
    }

    private static void Pair<TLane>(ref float low, ref float high, ref readonly float cosine, ref readonly float sine)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane a = TLane.Load(in low), b = TLane.Load(in high), cos = TLane.Load(in cosine), sin = TLane.Load(in sine);
        TLane.Store(TLane.MultiplyAdd(a, cos, TLane.Fill(0) - (b * sin)), ref low);
        TLane.Store(TLane.MultiplyAdd(a, sin, b * cos), ref high);
    }
}
