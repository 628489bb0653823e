using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>A half for each block.</summary>
internal readonly struct HalfScales : IPanelScales
{
    public static int HeaderBytes => 0;

    public static int HeaderBlocks => 1;

    public static int BlockBytes => 32;

    public static int Groups => 1;

    public static bool IsCoded => false;

    public static bool HasOffset => false;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale first, in GroupScale second) =>
        BinaryPrimitives.WriteHalfLittleEndian(codes[(2 * row)..], HalfFloat.Narrow(first.Scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Head<TLane>(ref readonly byte header, int row, out TLane top, out TLane floor)
        where TLane : unmanaged, ILane<TLane>
    {
        top = TLane.Fill(0);
        floor = top;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block<TBytes, TLane>(ref readonly byte codes, int row, int bias, ref BlockScales<TBytes, TLane> s)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        s.Top = PanelBytes.Halves<TLane>(in codes, 0, row);
        s.First = TBytes.Shorts(1);
        s.Second = s.First;
        s.Pair = TBytes.Shorts((short)bias);
        s.Floors = s.First;
    }
}

/// <summary>A half and a half offset for each block.</summary>
internal readonly struct HalfScalesOffsets : IPanelScales
{
    public static int HeaderBytes => 0;

    public static int HeaderBlocks => 1;

    public static int BlockBytes => 64;

    public static int Groups => 1;

    public static bool IsCoded => false;

    public static bool HasOffset => true;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale first, in GroupScale second)
    {
        BinaryPrimitives.WriteHalfLittleEndian(codes[(2 * row)..], HalfFloat.Narrow(first.Scale));
        BinaryPrimitives.WriteHalfLittleEndian(codes[(32 + (2 * row))..], HalfFloat.Narrow(first.Offset));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Head<TLane>(ref readonly byte header, int row, out TLane top, out TLane floor)
        where TLane : unmanaged, ILane<TLane>
    {
        top = TLane.Fill(0);
        floor = top;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block<TBytes, TLane>(ref readonly byte codes, int row, int bias, ref BlockScales<TBytes, TLane> s)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        s.Top = PanelBytes.Halves<TLane>(in codes, 0, row);
        s.Floor = PanelBytes.Halves<TLane>(in codes, 32, row);
        s.First = TBytes.Shorts(1);
        s.Second = s.First;
        s.Pair = TBytes.Shorts((short)bias);
        s.Floors = s.First;
    }
}

/// <summary>A bfloat16 for each block: exact for powers of two.</summary>
internal readonly struct BFloatScales : IPanelScales
{
    public static int HeaderBytes => 0;

    public static int HeaderBlocks => 1;

    public static int BlockBytes => 32;

    public static int Groups => 1;

    public static bool IsCoded => false;

    public static bool HasOffset => false;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale first, in GroupScale second) =>
        BinaryPrimitives.WriteUInt16LittleEndian(codes[(2 * row)..], HalfFloat.NarrowBFloat(first.Scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Head<TLane>(ref readonly byte header, int row, out TLane top, out TLane floor)
        where TLane : unmanaged, ILane<TLane>
    {
        top = TLane.Fill(0);
        floor = top;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block<TBytes, TLane>(ref readonly byte codes, int row, int bias, ref BlockScales<TBytes, TLane> s)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        s.Top = TLane.LoadBFloat(in Unsafe.As<byte, ushort>(ref Unsafe.Add(ref Unsafe.AsRef(in codes), 2 * row)));
        s.First = TBytes.Shorts(1);
        s.Second = s.First;
        s.Pair = TBytes.Shorts((short)bias);
        s.Floors = s.First;
    }
}

/// <summary>One half for 256 columns.</summary>
internal readonly struct TopScales : IPanelScales
{
    public static int HeaderBytes => 32;

    public static int HeaderBlocks => 8;

    public static int BlockBytes => 0;

    public static int Groups => 1;

    public static bool IsCoded => false;

    public static bool HasOffset => false;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale first, in GroupScale second) =>
        BinaryPrimitives.WriteHalfLittleEndian(header[(2 * row)..], first.Top);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Head<TLane>(ref readonly byte header, int row, out TLane top, out TLane floor)
        where TLane : unmanaged, ILane<TLane>
    {
        top = PanelBytes.Halves<TLane>(in header, 0, row);
        floor = TLane.Fill(0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block<TBytes, TLane>(ref readonly byte codes, int row, int bias, ref BlockScales<TBytes, TLane> s)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        s.First = TBytes.Shorts(1);
        s.Second = s.First;
        s.Pair = TBytes.Shorts((short)bias);
        s.Floors = s.First;
    }
}

/// <summary>Reads of scales.</summary>
internal static class PanelBytes
{
    /// <summary>Halves of rows from <paramref name="row"/> on, behind <paramref name="start"/> bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Halves<TLane>(ref readonly byte from, int start, int row)
        where TLane : unmanaged, ILane<TLane> =>
        TLane.LoadHalf(in Unsafe.As<byte, ushort>(ref Unsafe.Add(ref Unsafe.AsRef(in from), start + (2 * row))));
}
