using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>One half for 256 columns and a whole multiple of it for each block.</summary>
internal readonly struct CodedScales : IPanelScales
{
    public static int HeaderBytes => 32;

    public static int HeaderBlocks => 8;

    public static int BlockBytes => 16;

    public static int Groups => 1;

    public static bool IsCoded => true;

    public static bool HasOffset => false;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale first, in GroupScale second)
    {
        BinaryPrimitives.WriteHalfLittleEndian(header[(2 * row)..], first.Top);
        codes[row] = (byte)first.Code;
    }

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
        s.First = TBytes.Low(TBytes.Single(in codes, row));
        s.Second = s.First;
        s.Pair = TBytes.Times(s.First, (short)bias);
    }
}

/// <summary>A half scale and a half floor for 256 columns and whole multiples of both for each block.</summary>
internal readonly struct CodedScalesOffsets : IPanelScales
{
    public static int HeaderBytes => 64;

    public static int HeaderBlocks => 8;

    public static int BlockBytes => 32;

    public static int Groups => 1;

    public static bool IsCoded => true;

    public static bool HasOffset => true;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale first, in GroupScale second)
    {
        BinaryPrimitives.WriteHalfLittleEndian(header[(2 * row)..], first.Top);
        BinaryPrimitives.WriteHalfLittleEndian(header[(32 + (2 * row))..], first.Floor);
        codes[2 * row] = (byte)first.Code;
        codes[(2 * row) + 1] = (byte)first.FloorCode;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Head<TLane>(ref readonly byte header, int row, out TLane top, out TLane floor)
        where TLane : unmanaged, ILane<TLane>
    {
        top = PanelBytes.Halves<TLane>(in header, 0, row);
        floor = TLane.Fill(0) - PanelBytes.Halves<TLane>(in header, 32, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block<TBytes, TLane>(ref readonly byte codes, int row, int bias, ref BlockScales<TBytes, TLane> s)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        var both = TBytes.Pairs(in codes, 2 * row);
        s.First = TBytes.Low(both);
        s.Second = s.First;
        s.Floors = TBytes.High(both);
        s.Pair = TBytes.Times(s.First, (short)bias);
    }
}

/// <summary>One half for 256 columns and a whole multiple of it for each half of a block.</summary>
internal readonly struct PairedScales : IPanelScales
{
    public static int HeaderBytes => 32;

    public static int HeaderBlocks => 8;

    public static int BlockBytes => 32;

    public static int Groups => 2;

    public static bool IsCoded => true;

    public static bool HasOffset => false;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale first, in GroupScale second)
    {
        BinaryPrimitives.WriteHalfLittleEndian(header[(2 * row)..], first.Top);
        codes[2 * row] = (byte)first.Code;
        codes[(2 * row) + 1] = (byte)second.Code;
    }

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
        var both = TBytes.Pairs(in codes, 2 * row);
        s.First = TBytes.Low(both);
        s.Second = TBytes.High(both);
        s.Pair = TBytes.Times(both, (short)bias);
    }
}

/// <summary>A half scale and a half floor for 256 columns and whole multiples of both for each half of a block.</summary>
internal readonly struct PairedScalesOffsets : IPanelScales
{
    public static int HeaderBytes => 64;

    public static int HeaderBlocks => 8;

    public static int BlockBytes => 64;

    public static int Groups => 2;

    public static bool IsCoded => true;

    public static bool HasOffset => true;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale first, in GroupScale second)
    {
        BinaryPrimitives.WriteHalfLittleEndian(header[(2 * row)..], first.Top);
        BinaryPrimitives.WriteHalfLittleEndian(header[(32 + (2 * row))..], first.Floor);
        codes[2 * row] = (byte)first.Code;
        codes[(2 * row) + 1] = (byte)second.Code;
        codes[32 + (2 * row)] = (byte)first.FloorCode;
        codes[33 + (2 * row)] = (byte)second.FloorCode;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Head<TLane>(ref readonly byte header, int row, out TLane top, out TLane floor)
        where TLane : unmanaged, ILane<TLane>
    {
        top = PanelBytes.Halves<TLane>(in header, 0, row);
        floor = TLane.Fill(0) - PanelBytes.Halves<TLane>(in header, 32, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block<TBytes, TLane>(ref readonly byte codes, int row, int bias, ref BlockScales<TBytes, TLane> s)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        var both = TBytes.Pairs(in codes, 2 * row);
        s.First = TBytes.Low(both);
        s.Second = TBytes.High(both);
        s.Pair = TBytes.Times(both, (short)bias);
        s.Floors = TBytes.Pairs(in codes, 32 + (2 * row));
    }
}
