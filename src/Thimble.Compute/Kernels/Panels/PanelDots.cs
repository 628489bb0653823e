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
            return TBytes.AddInts(First<TNumbers, TBytes, TLane>(in low, in x), Second<TNumbers, TBytes, TLane>(in low, in x));

        TBytes ints = TBytes.AddPairs(TBytes.AddShorts(FirstShorts<TBytes, TLane>(in low, in x), SecondShorts<TBytes, TLane>(in low, in x)));
        if (!TNumbers.IsSplit)
            return ints;

        TBytes above = TBytes.AddPairs(TBytes.AddShorts(FirstShorts<TBytes, TLane>(in high, in x), SecondShorts<TBytes, TLane>(in high, in x)));
        return TBytes.AddInts(ints, TBytes.ShiftInts(above, 4));
    }

    /// <summary>The first sixteen columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBytes FirstHalf<TNumbers, TBytes, TLane>(ref readonly Chunks<TBytes> low, ref readonly Chunks<TBytes> high, ref readonly sbyte x)
        where TNumbers : struct, IPanelQuants
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        TBytes ints = First<TNumbers, TBytes, TLane>(in low, in x);
        return TNumbers.IsSplit ? TBytes.AddInts(ints, TBytes.ShiftInts(First<TNumbers, TBytes, TLane>(in high, in x), 4)) : ints;
    }

    /// <summary>The last sixteen columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBytes SecondHalf<TNumbers, TBytes, TLane>(ref readonly Chunks<TBytes> low, ref readonly Chunks<TBytes> high, ref readonly sbyte x)
        where TNumbers : struct, IPanelQuants
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        TBytes ints = Second<TNumbers, TBytes, TLane>(in low, in x);
        return TNumbers.IsSplit ? TBytes.AddInts(ints, TBytes.ShiftInts(Second<TNumbers, TBytes, TLane>(in high, in x), 4)) : ints;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBytes First<TNumbers, TBytes, TLane>(ref readonly Chunks<TBytes> c, ref readonly sbyte x)
        where TNumbers : struct, IPanelQuants
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        TNumbers.Span >= 4
            ? TBytes.AddPairs(FirstShorts<TBytes, TLane>(in c, in x))
            : TBytes.AddInts(
                TBytes.AddPairs(TBytes.AddShorts(Pair<TBytes, TLane>(c.C0, in x, 0), Pair<TBytes, TLane>(c.C1, in x, 4))),
                TBytes.AddPairs(TBytes.AddShorts(Pair<TBytes, TLane>(c.C2, in x, 8), Pair<TBytes, TLane>(c.C3, in x, 12))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBytes Second<TNumbers, TBytes, TLane>(ref readonly Chunks<TBytes> c, ref readonly sbyte x)
        where TNumbers : struct, IPanelQuants
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        TNumbers.Span >= 4
            ? TBytes.AddPairs(SecondShorts<TBytes, TLane>(in c, in x))
            : TBytes.AddInts(
                TBytes.AddPairs(TBytes.AddShorts(Pair<TBytes, TLane>(c.C4, in x, 16), Pair<TBytes, TLane>(c.C5, in x, 20))),
                TBytes.AddPairs(TBytes.AddShorts(Pair<TBytes, TLane>(c.C6, in x, 24), Pair<TBytes, TLane>(c.C7, in x, 28))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBytes FirstShorts<TBytes, TLane>(ref readonly Chunks<TBytes> c, ref readonly sbyte x)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        TBytes.AddShorts(
            TBytes.AddShorts(Pair<TBytes, TLane>(c.C0, in x, 0), Pair<TBytes, TLane>(c.C1, in x, 4)),
            TBytes.AddShorts(Pair<TBytes, TLane>(c.C2, in x, 8), Pair<TBytes, TLane>(c.C3, in x, 12)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBytes SecondShorts<TBytes, TLane>(ref readonly Chunks<TBytes> c, ref readonly sbyte x)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        TBytes.AddShorts(
            TBytes.AddShorts(Pair<TBytes, TLane>(c.C4, in x, 16), Pair<TBytes, TLane>(c.C5, in x, 20)),
            TBytes.AddShorts(Pair<TBytes, TLane>(c.C6, in x, 24), Pair<TBytes, TLane>(c.C7, in x, 28)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBytes Pair<TBytes, TLane>(TBytes numbers, ref readonly sbyte x, int at)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        TBytes.MultiplyAdjacent(numbers, TBytes.Spread(in Unsafe.Add(ref Unsafe.AsRef(in x), at)));
}
