using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>Sixteen-bit floats to floats, exactly.</summary>
/// <param name="source">Bits of halves or brain floats, shape [n].</param>
/// <param name="target">Receives the floats, shape [n].</param>
/// <param name="brain">Whether they are brain floats.</param>
internal readonly ref struct Widening(ReadOnlySpan<ushort> source, Span<float> target, bool brain) : IKernel
{
    private readonly ReadOnlySpan<ushort> _source = source;
    private readonly Span<float> _target = target[..source.Length];

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<ushort> source = _source;
        Span<float> target = _target;
        int i = 0;
        for (; i <= source.Length - TLane.Count; i += TLane.Count)
            TLane.Store(brain ? TLane.LoadBFloat(in source[i]) : TLane.LoadHalf(in source[i]), ref target[i]);
        for (; i < source.Length; i++)
            target[i] = brain ? HalfFloat.WidenBFloat(source[i]) : HalfFloat.Widen(source[i]);
    }
}
