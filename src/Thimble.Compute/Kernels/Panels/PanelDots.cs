using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Whole-number products of unpacked registers with one token's bytes, added as long as 16 bits hold them.</summary>
internal static class PanelDots
{
    /// <summary>Thirty-two columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBytes Whole<TNumbers, TBytes, TLane>(ref readonly Chunks<TBytes> low, ref readonly Chunks<TBytes> high, ref readonly sbyte x)
        where TNumbers : struct, IPanelQuants
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        if (TNumbers.Span < 8)
            return TBytes.AddInts(First<TNumbers, TBytes, TLane>(in low, in x), Second<TNumbers, TBytes, TLane>(in low, in x), 0);

        TBytes ints = TBytes.Widen(
            TBytes.Products(low.C0, low.C1, low.C2, low.C3, in x, 0), TBytes.Products(low.C4, low.C5, low.C6, low.C7, in x, 16));
        return TNumbers.IsSplit
            ? TBytes.AddInts(ints, TBytes.Widen(
                TBytes.Products(high.C0, high.C1, high.C2, high.C3, in x, 0), TBytes.Products(high.C4, high.C5, high.C6, high.C7, in x, 16)), 4)
            : ints;
    }

    /// <summary>The first sixteen columns of numbers that are not split.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBytes First<TNumbers, TBytes, TLane>(ref readonly Chunks<TBytes> c, ref readonly sbyte x)
        where TNumbers : struct, IPanelQuants
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        TNumbers.Span >= 4
            ? TBytes.Widen(TBytes.Products(c.C0, c.C1, c.C2, c.C3, in x, 0))
            : TBytes.AddInts(TBytes.Widen(TBytes.Products(c.C0, c.C1, in x, 0)), TBytes.Widen(TBytes.Products(c.C2, c.C3, in x, 8)), 0);

    /// <summary>The last sixteen columns of numbers that are not split.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBytes Second<TNumbers, TBytes, TLane>(ref readonly Chunks<TBytes> c, ref readonly sbyte x)
        where TNumbers : struct, IPanelQuants
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        TNumbers.Span >= 4
            ? TBytes.Widen(TBytes.Products(c.C4, c.C5, c.C6, c.C7, in x, 16))
            : TBytes.AddInts(TBytes.Widen(TBytes.Products(c.C4, c.C5, in x, 16)), TBytes.Widen(TBytes.Products(c.C6, c.C7, in x, 24)), 0);
}
