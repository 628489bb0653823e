using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Two bits a number.</summary>
internal readonly struct TwoBits<TBias> : IPanelQuants
    where TBias : struct, INumeral
{
    public static int Bytes => Planes.Bytes(2);

    public static int Bias => TBias.Value;

    public static int Span => 8;

    public static void Pack(ReadOnlySpan<byte> numbers, Span<byte> packed)
    {
        Planes.Pack(numbers, 0, 2, packed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        c.C0 = TBytes.Field(in packed, 0, 0, 0x03);
        c.C1 = TBytes.Field(in packed, 0, 2, 0x03);
        c.C2 = TBytes.Field(in packed, 0, 4, 0x03);
        c.C3 = TBytes.Field(in packed, 0, 6, 0x03);
        c.C4 = TBytes.Field(in packed, 64, 0, 0x03);
        c.C5 = TBytes.Field(in packed, 64, 2, 0x03);
        c.C6 = TBytes.Field(in packed, 64, 4, 0x03);
        c.C7 = TBytes.Field(in packed, 64, 6, 0x03);
    }
}

/// <summary>Three bits a number.</summary>
internal readonly struct ThreeBits<TBias> : IPanelQuants
    where TBias : struct, INumeral
{
    public static int Bytes => Planes.Bytes(3);

    public static int Bias => TBias.Value;

    public static int Span => 8;

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
        c.C0 = TBytes.Field(in packed, 0, 0, 0x03) | TBytes.Field(in packed, 128, -2, 0x04);
        c.C1 = TBytes.Field(in packed, 0, 2, 0x03) | TBytes.Field(in packed, 128, -1, 0x04);
        c.C2 = TBytes.Field(in packed, 0, 4, 0x03) | TBytes.Field(in packed, 128, 0, 0x04);
        c.C3 = TBytes.Field(in packed, 0, 6, 0x03) | TBytes.Field(in packed, 128, 1, 0x04);
        c.C4 = TBytes.Field(in packed, 64, 0, 0x03) | TBytes.Field(in packed, 128, 2, 0x04);
        c.C5 = TBytes.Field(in packed, 64, 2, 0x03) | TBytes.Field(in packed, 128, 3, 0x04);
        c.C6 = TBytes.Field(in packed, 64, 4, 0x03) | TBytes.Field(in packed, 128, 4, 0x04);
        c.C7 = TBytes.Field(in packed, 64, 6, 0x03) | TBytes.Field(in packed, 128, 5, 0x04);
    }
}

/// <summary>Four bits a number.</summary>
internal readonly struct FourBits<TBias> : IPanelQuants
    where TBias : struct, INumeral
{
    public static int Bytes => Planes.Bytes(4);

    public static int Bias => TBias.Value;

    public static int Span => 8;

    public static void Pack(ReadOnlySpan<byte> numbers, Span<byte> packed)
    {
        Planes.Pack(numbers, 0, 4, packed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        c.C0 = TBytes.Field(in packed, 0, 0, 0x0F);
        c.C1 = TBytes.Field(in packed, 64, 0, 0x0F);
        c.C2 = TBytes.Field(in packed, 128, 0, 0x0F);
        c.C3 = TBytes.Field(in packed, 192, 0, 0x0F);
        c.C4 = TBytes.Field(in packed, 0, 4, 0x0F);
        c.C5 = TBytes.Field(in packed, 64, 4, 0x0F);
        c.C6 = TBytes.Field(in packed, 128, 4, 0x0F);
        c.C7 = TBytes.Field(in packed, 192, 4, 0x0F);
    }
}

/// <summary>Five bits a number.</summary>
internal readonly struct FiveBits<TBias> : IPanelQuants
    where TBias : struct, INumeral
{
    public static int Bytes => Planes.Bytes(5);

    public static int Bias => TBias.Value;

    public static int Span => 4;

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
        c.C0 = TBytes.Field(in packed, 0, 0, 0x0F) | TBytes.Field(in packed, 256, -4, 0x10);
        c.C1 = TBytes.Field(in packed, 64, 0, 0x0F) | TBytes.Field(in packed, 256, -3, 0x10);
        c.C2 = TBytes.Field(in packed, 128, 0, 0x0F) | TBytes.Field(in packed, 256, -2, 0x10);
        c.C3 = TBytes.Field(in packed, 192, 0, 0x0F) | TBytes.Field(in packed, 256, -1, 0x10);
        c.C4 = TBytes.Field(in packed, 0, 4, 0x0F) | TBytes.Field(in packed, 256, 0, 0x10);
        c.C5 = TBytes.Field(in packed, 64, 4, 0x0F) | TBytes.Field(in packed, 256, 1, 0x10);
        c.C6 = TBytes.Field(in packed, 128, 4, 0x0F) | TBytes.Field(in packed, 256, 2, 0x10);
        c.C7 = TBytes.Field(in packed, 192, 4, 0x0F) | TBytes.Field(in packed, 256, 3, 0x10);
    }
}

/// <summary>Six bits a number.</summary>
internal readonly struct SixBits<TBias> : IPanelQuants
    where TBias : struct, INumeral
{
    public static int Bytes => Planes.Bytes(6);

    public static int Bias => TBias.Value;

    public static int Span => 2;

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
        c.C0 = TBytes.Field(in packed, 0, 0, 0x0F) | TBytes.Field(in packed, 256, -4, 0x30);
        c.C1 = TBytes.Field(in packed, 64, 0, 0x0F) | TBytes.Field(in packed, 256, -2, 0x30);
        c.C2 = TBytes.Field(in packed, 128, 0, 0x0F) | TBytes.Field(in packed, 256, 0, 0x30);
        c.C3 = TBytes.Field(in packed, 192, 0, 0x0F) | TBytes.Field(in packed, 256, 2, 0x30);
        c.C4 = TBytes.Field(in packed, 0, 4, 0x0F) | TBytes.Field(in packed, 320, -4, 0x30);
        c.C5 = TBytes.Field(in packed, 64, 4, 0x0F) | TBytes.Field(in packed, 320, -2, 0x30);
        c.C6 = TBytes.Field(in packed, 128, 4, 0x0F) | TBytes.Field(in packed, 320, 0, 0x30);
        c.C7 = TBytes.Field(in packed, 192, 4, 0x0F) | TBytes.Field(in packed, 320, 2, 0x30);
    }
}
