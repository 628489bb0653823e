using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>A constant that a type argument carries.</summary>
internal interface IBias
{
    /// <summary>The constant.</summary>
    static abstract int Value { get; }
}

/// <inheritdoc />
internal readonly struct Bias0 : IBias
{
    public static int Value => 0;
}

/// <inheritdoc />
internal readonly struct Bias1 : IBias
{
    public static int Value => 1;
}

/// <inheritdoc />
internal readonly struct Bias2 : IBias
{
    public static int Value => 2;
}

/// <inheritdoc />
internal readonly struct Bias4 : IBias
{
    public static int Value => 4;
}

/// <inheritdoc />
internal readonly struct Bias8 : IBias
{
    public static int Value => 8;
}

/// <inheritdoc />
internal readonly struct Bias16 : IBias
{
    public static int Value => 16;
}

/// <inheritdoc />
internal readonly struct Bias32 : IBias
{
    public static int Value => 32;
}

/// <summary>Two bits a number.</summary>
internal readonly struct TwoBits<TBias> : IPanelQuants
    where TBias : struct, IBias
{
    public static int Bytes => Planes.Bytes(2);

    public static int Bias => TBias.Value;

    public static int Span => 8;

    public static bool IsSplit => false;

    public static void Pack(ReadOnlySpan<byte> numbers, Span<byte> packed)
    {
        Planes.Pack(numbers, 0, 2, packed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        c.C0 = Planes.Two<TBytes, TLane>(in packed, 0, 0);
        c.C1 = Planes.Two<TBytes, TLane>(in packed, 1, 0);
        c.C2 = Planes.Two<TBytes, TLane>(in packed, 2, 0);
        c.C3 = Planes.Two<TBytes, TLane>(in packed, 3, 0);
        c.C4 = Planes.Two<TBytes, TLane>(in packed, 4, 0);
        c.C5 = Planes.Two<TBytes, TLane>(in packed, 5, 0);
        c.C6 = Planes.Two<TBytes, TLane>(in packed, 6, 0);
        c.C7 = Planes.Two<TBytes, TLane>(in packed, 7, 0);
    }

    public static void UnpackHigh<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        throw new System.Diagnostics.UnreachableException();
}

/// <summary>Three bits a number.</summary>
internal readonly struct ThreeBits<TBias> : IPanelQuants
    where TBias : struct, IBias
{
    public static int Bytes => Planes.Bytes(3);

    public static int Bias => TBias.Value;

    public static int Span => 8;

    public static bool IsSplit => false;

    public static void Pack(ReadOnlySpan<byte> numbers, Span<byte> packed)
    {
        Planes.Pack(numbers, 0, 2, packed);
        Planes.Pack(numbers, 2, 1, packed[Planes.Bytes(2)..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        c.C0 = Planes.Two<TBytes, TLane>(in packed, 0, 0) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(2)), 0, 2);
        c.C1 = Planes.Two<TBytes, TLane>(in packed, 1, 0) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(2)), 1, 2);
        c.C2 = Planes.Two<TBytes, TLane>(in packed, 2, 0) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(2)), 2, 2);
        c.C3 = Planes.Two<TBytes, TLane>(in packed, 3, 0) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(2)), 3, 2);
        c.C4 = Planes.Two<TBytes, TLane>(in packed, 4, 0) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(2)), 4, 2);
        c.C5 = Planes.Two<TBytes, TLane>(in packed, 5, 0) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(2)), 5, 2);
        c.C6 = Planes.Two<TBytes, TLane>(in packed, 6, 0) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(2)), 6, 2);
        c.C7 = Planes.Two<TBytes, TLane>(in packed, 7, 0) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(2)), 7, 2);
    }

    public static void UnpackHigh<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        throw new System.Diagnostics.UnreachableException();
}

/// <summary>Four bits a number.</summary>
internal readonly struct FourBits<TBias> : IPanelQuants
    where TBias : struct, IBias
{
    public static int Bytes => Planes.Bytes(4);

    public static int Bias => TBias.Value;

    public static int Span => 8;

    public static bool IsSplit => false;

    public static void Pack(ReadOnlySpan<byte> numbers, Span<byte> packed)
    {
        Planes.Pack(numbers, 0, 4, packed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        c.C0 = Planes.Four<TBytes, TLane>(in packed, 0);
        c.C1 = Planes.Four<TBytes, TLane>(in packed, 1);
        c.C2 = Planes.Four<TBytes, TLane>(in packed, 2);
        c.C3 = Planes.Four<TBytes, TLane>(in packed, 3);
        c.C4 = Planes.Four<TBytes, TLane>(in packed, 4);
        c.C5 = Planes.Four<TBytes, TLane>(in packed, 5);
        c.C6 = Planes.Four<TBytes, TLane>(in packed, 6);
        c.C7 = Planes.Four<TBytes, TLane>(in packed, 7);
    }

    public static void UnpackHigh<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        throw new System.Diagnostics.UnreachableException();
}

/// <summary>Five bits a number.</summary>
internal readonly struct FiveBits<TBias> : IPanelQuants
    where TBias : struct, IBias
{
    public static int Bytes => Planes.Bytes(5);

    public static int Bias => TBias.Value;

    public static int Span => 4;

    public static bool IsSplit => false;

    public static void Pack(ReadOnlySpan<byte> numbers, Span<byte> packed)
    {
        Planes.Pack(numbers, 0, 4, packed);
        Planes.Pack(numbers, 4, 1, packed[Planes.Bytes(4)..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        c.C0 = Planes.Four<TBytes, TLane>(in packed, 0) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 0, 4);
        c.C1 = Planes.Four<TBytes, TLane>(in packed, 1) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 1, 4);
        c.C2 = Planes.Four<TBytes, TLane>(in packed, 2) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 2, 4);
        c.C3 = Planes.Four<TBytes, TLane>(in packed, 3) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 3, 4);
        c.C4 = Planes.Four<TBytes, TLane>(in packed, 4) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 4, 4);
        c.C5 = Planes.Four<TBytes, TLane>(in packed, 5) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 5, 4);
        c.C6 = Planes.Four<TBytes, TLane>(in packed, 6) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 6, 4);
        c.C7 = Planes.Four<TBytes, TLane>(in packed, 7) | Planes.One<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 7, 4);
    }

    public static void UnpackHigh<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        throw new System.Diagnostics.UnreachableException();
}

/// <summary>Six bits a number.</summary>
internal readonly struct SixBits<TBias> : IPanelQuants
    where TBias : struct, IBias
{
    public static int Bytes => Planes.Bytes(6);

    public static int Bias => TBias.Value;

    public static int Span => 2;

    public static bool IsSplit => false;

    public static void Pack(ReadOnlySpan<byte> numbers, Span<byte> packed)
    {
        Planes.Pack(numbers, 0, 4, packed);
        Planes.Pack(numbers, 4, 2, packed[Planes.Bytes(4)..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        c.C0 = Planes.Four<TBytes, TLane>(in packed, 0) | Planes.Two<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 0, 4);
        c.C1 = Planes.Four<TBytes, TLane>(in packed, 1) | Planes.Two<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 1, 4);
        c.C2 = Planes.Four<TBytes, TLane>(in packed, 2) | Planes.Two<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 2, 4);
        c.C3 = Planes.Four<TBytes, TLane>(in packed, 3) | Planes.Two<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 3, 4);
        c.C4 = Planes.Four<TBytes, TLane>(in packed, 4) | Planes.Two<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 4, 4);
        c.C5 = Planes.Four<TBytes, TLane>(in packed, 5) | Planes.Two<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 5, 4);
        c.C6 = Planes.Four<TBytes, TLane>(in packed, 6) | Planes.Two<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 6, 4);
        c.C7 = Planes.Four<TBytes, TLane>(in packed, 7) | Planes.Two<TBytes, TLane>(in Unsafe.Add(ref Unsafe.AsRef(in packed), Planes.Bytes(4)), 7, 4);
    }

    public static void UnpackHigh<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        throw new System.Diagnostics.UnreachableException();
}
