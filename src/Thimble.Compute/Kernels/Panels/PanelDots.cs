using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Whole-number products of a block's registers with one token's bytes, added in 16 bits as long as these hold them.</summary>
internal static class PanelDots
{
    /// <summary><c>First·Σqx + Second·Σqx</c> over the block's halves, a 32-bit number for each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBytes Whole<TNumbers, TScales, TBytes, TLane>(
        ref readonly Chunks<TBytes> c, ref readonly sbyte x, ref readonly BlockScales<TBytes, TLane> s)
        where TNumbers : struct, IPanelQuants
        where TScales : struct, IPanelScales
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        if (TNumbers.Span == 8 && TScales.Groups == 1)
            return TBytes.Widen(TBytes.Products(c.C0, c.C1, c.C2, c.C3, in x, 0), TBytes.Products(c.C4, c.C5, c.C6, c.C7, in x, 16), s.First);
        if (TNumbers.Span >= 4)
        {
            return TBytes.AddInts(
                TBytes.Widen(TBytes.Products(c.C0, c.C1, c.C2, c.C3, in x, 0), s.First),
                TBytes.Widen(TBytes.Products(c.C4, c.C5, c.C6, c.C7, in x, 16), s.Second));
        }

        if (TNumbers.Span == 2)
        {
            return TBytes.AddInts(
                TBytes.WidenProducts(c.C0, c.C1, c.C2, c.C3, in x, 0, s.First),
                TBytes.WidenProducts(c.C4, c.C5, c.C6, c.C7, in x, 16, s.Second));
        }

        return TBytes.AddInts(
            TBytes.SignedProducts(c.C0, c.C1, c.C2, c.C3, in x, 0, s.First),
            TBytes.SignedProducts(c.C4, c.C5, c.C6, c.C7, in x, 16, s.Second));
    }

    /// <summary>Signed numbers times their scales in 16 bits: the even columns and the odd ones.</summary>
    /// <remarks>Only scales of whole blocks come with signed numbers; a level of 127 times a scale of 32 fits.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split<TScales, TBytes, TLane>(
        ref readonly Chunks<TBytes> c, ref readonly BlockScales<TBytes, TLane> s, out Chunks<TBytes> even, out Chunks<TBytes> odd)
        where TScales : struct, IPanelScales
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        (even.C0, odd.C0) = Split<TScales, TBytes, TLane>(c.C0, s.First);
        (even.C1, odd.C1) = Split<TScales, TBytes, TLane>(c.C1, s.First);
        (even.C2, odd.C2) = Split<TScales, TBytes, TLane>(c.C2, s.First);
        (even.C3, odd.C3) = Split<TScales, TBytes, TLane>(c.C3, s.First);
        (even.C4, odd.C4) = Split<TScales, TBytes, TLane>(c.C4, s.First);
        (even.C5, odd.C5) = Split<TScales, TBytes, TLane>(c.C5, s.First);
        (even.C6, odd.C6) = Split<TScales, TBytes, TLane>(c.C6, s.First);
        (even.C7, odd.C7) = Split<TScales, TBytes, TLane>(c.C7, s.First);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TBytes Even, TBytes Odd) Split<TScales, TBytes, TLane>(TBytes c, TBytes scale)
        where TScales : struct, IPanelScales
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        TScales.IsCoded ? (TBytes.Times(TBytes.Evens(c), scale), TBytes.Times(TBytes.Odds(c), scale)) : (TBytes.Evens(c), TBytes.Odds(c));
}
