using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Eight bits a number, as two halves: a product of eight bits with eight would not fit its sum in sixteen.</summary>
internal readonly struct EightBits : IPanelQuants
{
    public static int Bytes => Planes.Bytes(8);

    public static int Bias => 128;

    public static int Span => 8;

    public static bool IsSplit => true;

    public static void Pack(ReadOnlySpan<byte> numbers, Span<byte> packed)
    {
        Planes.Pack(numbers, 0, 4, packed);
        Planes.Pack(numbers, 4, 4, packed[Planes.Bytes(4)..]);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackHigh<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        c.C0 = TBytes.Field(in packed, 256, 0, 0x0F);
        c.C1 = TBytes.Field(in packed, 320, 0, 0x0F);
        c.C2 = TBytes.Field(in packed, 384, 0, 0x0F);
        c.C3 = TBytes.Field(in packed, 448, 0, 0x0F);
        c.C4 = TBytes.Field(in packed, 256, 4, 0x0F);
        c.C5 = TBytes.Field(in packed, 320, 4, 0x0F);
        c.C6 = TBytes.Field(in packed, 384, 4, 0x0F);
        c.C7 = TBytes.Field(in packed, 448, 4, 0x0F);
    }
}

/// <summary>Four bits that name one of the sixteen uneven levels of IQ4_NL and IQ4_XS.</summary>
internal readonly struct UnevenLevels : IPanelQuants
{
    public static int Bytes => Planes.Bytes(4);

    public static int Bias => 128;

    public static int Span => 8;

    public static bool IsSplit => true;

    // Low and high halves of the levels of IQ4_NL, 128 added.
    private static ReadOnlySpan<byte> Low => [1, 8, 13, 15, 15, 13, 10, 6, 1, 13, 9, 6, 5, 5, 9, 1];

    private static ReadOnlySpan<byte> High => [0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10, 11, 12, 13, 15];

    private static readonly byte[] s_index = Index(Low, High);

    public static void Pack(ReadOnlySpan<byte> numbers, Span<byte> packed)
    {
        Span<byte> indices = stackalloc byte[8 * 64];
        for (int i = 0; i < indices.Length; i++)
            indices[i] = s_index[numbers[i]];
        Planes.Pack(indices, 0, 4, packed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        c.C0 = TBytes.Look(Low, TBytes.Field(in packed, 0, 0, 0x0F));
        c.C1 = TBytes.Look(Low, TBytes.Field(in packed, 64, 0, 0x0F));
        c.C2 = TBytes.Look(Low, TBytes.Field(in packed, 128, 0, 0x0F));
        c.C3 = TBytes.Look(Low, TBytes.Field(in packed, 192, 0, 0x0F));
        c.C4 = TBytes.Look(Low, TBytes.Field(in packed, 0, 4, 0x0F));
        c.C5 = TBytes.Look(Low, TBytes.Field(in packed, 64, 4, 0x0F));
        c.C6 = TBytes.Look(Low, TBytes.Field(in packed, 128, 4, 0x0F));
        c.C7 = TBytes.Look(Low, TBytes.Field(in packed, 192, 4, 0x0F));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackHigh<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        c.C0 = TBytes.Look(High, TBytes.Field(in packed, 0, 0, 0x0F));
        c.C1 = TBytes.Look(High, TBytes.Field(in packed, 64, 0, 0x0F));
        c.C2 = TBytes.Look(High, TBytes.Field(in packed, 128, 0, 0x0F));
        c.C3 = TBytes.Look(High, TBytes.Field(in packed, 192, 0, 0x0F));
        c.C4 = TBytes.Look(High, TBytes.Field(in packed, 0, 4, 0x0F));
        c.C5 = TBytes.Look(High, TBytes.Field(in packed, 64, 4, 0x0F));
        c.C6 = TBytes.Look(High, TBytes.Field(in packed, 128, 4, 0x0F));
        c.C7 = TBytes.Look(High, TBytes.Field(in packed, 192, 4, 0x0F));
    }

    private static byte[] Index(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high)
    {
        byte[] index = new byte[256];
        for (int i = 0; i < 16; i++)
            index[low[i] + (16 * high[i])] = (byte)i;
        return index;
    }
}

/// <summary>Four bits that name one of the sixteen numbers of FP4 E2M1 (MXFP4).</summary>
internal readonly struct MicroFloats : IPanelQuants
{
    public static int Bytes => Planes.Bytes(4);

    public static int Bias => 12;

    public static int Span => 4;

    public static bool IsSplit => false;

    // The sixteen numbers of FP4 E2M1, doubled, 12 added.
    private static ReadOnlySpan<byte> Levels => [12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0];

    public static void Pack(ReadOnlySpan<byte> numbers, Span<byte> packed)
    {
        Span<byte> indices = stackalloc byte[8 * 64];
        for (int i = 0; i < indices.Length; i++)
            indices[i] = (byte)Levels.IndexOf(numbers[i]);
        Planes.Pack(indices, 0, 4, packed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        c.C0 = TBytes.Look(Levels, TBytes.Field(in packed, 0, 0, 0x0F));
        c.C1 = TBytes.Look(Levels, TBytes.Field(in packed, 64, 0, 0x0F));
        c.C2 = TBytes.Look(Levels, TBytes.Field(in packed, 128, 0, 0x0F));
        c.C3 = TBytes.Look(Levels, TBytes.Field(in packed, 192, 0, 0x0F));
        c.C4 = TBytes.Look(Levels, TBytes.Field(in packed, 0, 4, 0x0F));
        c.C5 = TBytes.Look(Levels, TBytes.Field(in packed, 64, 4, 0x0F));
        c.C6 = TBytes.Look(Levels, TBytes.Field(in packed, 128, 4, 0x0F));
        c.C7 = TBytes.Look(Levels, TBytes.Field(in packed, 192, 4, 0x0F));
    }

    public static void UnpackHigh<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        throw new System.Diagnostics.UnreachableException();
}
