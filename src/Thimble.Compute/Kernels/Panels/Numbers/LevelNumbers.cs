using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Eight bits a number, with its sign.</summary>
internal readonly struct EightBits : IPanelQuants
{
    public static int Bytes => Planes.Bytes(8);

    public static int Bias => 0;

    public static int Span => 1;

    public static void Pack(ReadOnlySpan<byte> numbers, Span<byte> packed) => numbers.CopyTo(packed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        c.C0 = TBytes.Load(in packed, 0);
        c.C1 = TBytes.Load(in packed, 64);
        c.C2 = TBytes.Load(in packed, 128);
        c.C3 = TBytes.Load(in packed, 192);
        c.C4 = TBytes.Load(in packed, 256);
        c.C5 = TBytes.Load(in packed, 320);
        c.C6 = TBytes.Load(in packed, 384);
        c.C7 = TBytes.Load(in packed, 448);
    }
}

/// <summary>Four bits that name one of the sixteen uneven levels of IQ4_NL and IQ4_XS.</summary>
internal readonly struct UnevenLevels : IPanelQuants
{
    public static int Bytes => Planes.Bytes(4);

    public static int Bias => 0;

    public static int Span => 1;

    private static readonly byte[] s_index = Planes.Index(MemoryMarshal.AsBytes(Levels));

    // The levels of IQ4_NL.
    private static ReadOnlySpan<sbyte> Levels => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

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
        ReadOnlySpan<byte> levels = MemoryMarshal.AsBytes(Levels);
        c.C0 = TBytes.Look(levels, TBytes.Field(in packed, 0, 0, 0x0F));
        c.C1 = TBytes.Look(levels, TBytes.Field(in packed, 64, 0, 0x0F));
        c.C2 = TBytes.Look(levels, TBytes.Field(in packed, 128, 0, 0x0F));
        c.C3 = TBytes.Look(levels, TBytes.Field(in packed, 192, 0, 0x0F));
        c.C4 = TBytes.Look(levels, TBytes.Field(in packed, 0, 4, 0x0F));
        c.C5 = TBytes.Look(levels, TBytes.Field(in packed, 64, 4, 0x0F));
        c.C6 = TBytes.Look(levels, TBytes.Field(in packed, 128, 4, 0x0F));
        c.C7 = TBytes.Look(levels, TBytes.Field(in packed, 192, 4, 0x0F));
    }
}

/// <summary>Four bits that name one of the sixteen numbers of FP4 E2M1 (MXFP4).</summary>
internal readonly struct MicroFloats : IPanelQuants
{
    public static int Bytes => Planes.Bytes(4);

    public static int Bias => 12;

    public static int Span => 4;

    private static readonly byte[] s_index = Planes.Index(Levels);

    // The sixteen numbers of FP4 E2M1, doubled, 12 added.
    private static ReadOnlySpan<byte> Levels => [12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0];

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
        c.C0 = TBytes.Look(Levels, TBytes.Field(in packed, 0, 0, 0x0F));
        c.C1 = TBytes.Look(Levels, TBytes.Field(in packed, 64, 0, 0x0F));
        c.C2 = TBytes.Look(Levels, TBytes.Field(in packed, 128, 0, 0x0F));
        c.C3 = TBytes.Look(Levels, TBytes.Field(in packed, 192, 0, 0x0F));
        c.C4 = TBytes.Look(Levels, TBytes.Field(in packed, 0, 4, 0x0F));
        c.C5 = TBytes.Look(Levels, TBytes.Field(in packed, 64, 4, 0x0F));
        c.C6 = TBytes.Look(Levels, TBytes.Field(in packed, 128, 4, 0x0F));
        c.C7 = TBytes.Look(Levels, TBytes.Field(in packed, 192, 4, 0x0F));
    }
}
