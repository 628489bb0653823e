using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>How the scales of sixteen rows are kept: a header for some blocks of 32 columns, and codes for each group of columns.</summary>
internal interface IPanelScales
{
    /// <summary>Bytes of a header.</summary>
    static abstract int HeaderBytes { get; }

    /// <summary>Blocks of 32 columns that share a header.</summary>
    static abstract int HeaderBlocks { get; }

    /// <summary>Bytes of one group's codes.</summary>
    static abstract int GroupBytes { get; }

    /// <summary>Whether groups have offsets.</summary>
    static abstract bool HasOffset { get; }

    /// <summary>Writes what belongs to one row and group.</summary>
    /// <param name="header">The header, shape [<see cref="HeaderBytes"/>].</param>
    /// <param name="codes">The group's codes, shape [<see cref="GroupBytes"/>].</param>
    /// <param name="row">The row, in [0, 16).</param>
    /// <param name="value">The group's scale and offset, and the block's own.</param>
    static abstract void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale value);

    /// <summary>The scales of rows from <paramref name="row"/> on.</summary>
    static abstract TLane Scale<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane>;

    /// <summary>The offsets of rows from <paramref name="row"/> on.</summary>
    static abstract TLane Offset<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane>;
}

/// <summary>One group's scale and offset; Top and Floor are the block's, of which these are multiples in super-block formats.</summary>
internal readonly record struct GroupScale(float Scale, float Offset, Half Top, Half Floor)
{
    /// <summary>The whole number that <see cref="Scale"/> is of <see cref="Top"/>.</summary>
    public sbyte Code => Whole(Scale, Top);

    /// <summary>The whole number that −<see cref="Offset"/> is of <see cref="Floor"/>.</summary>
    public sbyte FloorCode => Whole(-Offset, Floor);

    // A product of a half and a small whole number, divided by that half, misses the number by far less than a half.
    private static sbyte Whole(float product, Half unit) => unit == (Half)0 ? (sbyte)0 : (sbyte)MathF.Round(product / HalfFloat.Widen(unit));
}

/// <summary>A half for each group.</summary>
internal readonly struct HalfScales : IPanelScales
{
    public static int HeaderBytes => 0;

    public static int HeaderBlocks => 1;

    public static int GroupBytes => 32;

    public static bool HasOffset => false;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale value) =>
        BinaryPrimitives.WriteHalfLittleEndian(codes[(2 * row)..], HalfFloat.Narrow(value.Scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Scale<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> => PanelBytes.Halves<TLane>(in codes, 0, row);

    public static TLane Offset<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> => TLane.Fill(0);
}

/// <summary>A half and a half offset for each group.</summary>
internal readonly struct HalfScalesOffsets : IPanelScales
{
    public static int HeaderBytes => 0;

    public static int HeaderBlocks => 1;

    public static int GroupBytes => 64;

    public static bool HasOffset => true;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale value)
    {
        BinaryPrimitives.WriteHalfLittleEndian(codes[(2 * row)..], HalfFloat.Narrow(value.Scale));
        BinaryPrimitives.WriteHalfLittleEndian(codes[(32 + (2 * row))..], HalfFloat.Narrow(value.Offset));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Scale<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> => PanelBytes.Halves<TLane>(in codes, 0, row);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Offset<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> => PanelBytes.Halves<TLane>(in codes, 32, row);
}

/// <summary>A bfloat16 for each group: exact for powers of two.</summary>
internal readonly struct BFloatScales : IPanelScales
{
    public static int HeaderBytes => 0;

    public static int HeaderBlocks => 1;

    public static int GroupBytes => 32;

    public static bool HasOffset => false;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(codes[(2 * row)..], HalfFloat.NarrowBFloat(value.Scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Scale<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> =>
        TLane.LoadBFloat(in Unsafe.As<byte, ushort>(ref Unsafe.Add(ref Unsafe.AsRef(in codes), 2 * row)));

    public static TLane Offset<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> => TLane.Fill(0);
}

/// <summary>One half for 256 columns.</summary>
internal readonly struct TopScales : IPanelScales
{
    public static int HeaderBytes => 32;

    public static int HeaderBlocks => 8;

    public static int GroupBytes => 0;

    public static bool HasOffset => false;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale value) =>
        BinaryPrimitives.WriteHalfLittleEndian(header[(2 * row)..], value.Top);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Scale<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> => PanelBytes.Halves<TLane>(in header, 0, row);

    public static TLane Offset<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> => TLane.Fill(0);
}

/// <summary>One half for 256 columns and a whole multiple of it for each group.</summary>
internal readonly struct CodedScales : IPanelScales
{
    public static int HeaderBytes => 32;

    public static int HeaderBlocks => 8;

    public static int GroupBytes => 16;

    public static bool HasOffset => false;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale value)
    {
        BinaryPrimitives.WriteHalfLittleEndian(header[(2 * row)..], value.Top);
        codes[row] = (byte)value.Code;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Scale<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> => PanelBytes.Halves<TLane>(in header, 0, row) * PanelBytes.Codes<TLane>(in codes, row);

    public static TLane Offset<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> => TLane.Fill(0);
}

/// <summary>A half scale and a half floor for 256 columns and whole multiples of both for each group.</summary>
internal readonly struct CodedScalesOffsets : IPanelScales
{
    public static int HeaderBytes => 64;

    public static int HeaderBlocks => 8;

    public static int GroupBytes => 32;

    public static bool HasOffset => true;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale value)
    {
        BinaryPrimitives.WriteHalfLittleEndian(header[(2 * row)..], value.Top);
        BinaryPrimitives.WriteHalfLittleEndian(header[(32 + (2 * row))..], value.Floor);
        codes[row] = (byte)value.Code;
        codes[16 + row] = (byte)value.FloorCode;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Scale<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> => PanelBytes.Halves<TLane>(in header, 0, row) * PanelBytes.Codes<TLane>(in codes, row);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Offset<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> =>
        PanelBytes.Halves<TLane>(in header, 32, row) * (TLane.Fill(0) - PanelBytes.Codes<TLane>(in codes, 16 + row));
}

/// <summary>Reads of scales.</summary>
internal static class PanelBytes
{
    /// <summary>Halves of rows from <paramref name="row"/> on, behind <paramref name="start"/> bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Halves<TLane>(ref readonly byte from, int start, int row)
        where TLane : unmanaged, ILane<TLane> =>
        TLane.LoadHalf(in Unsafe.As<byte, ushort>(ref Unsafe.Add(ref Unsafe.AsRef(in from), start + (2 * row))));

    /// <summary>Signed bytes from <paramref name="at"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Codes<TLane>(ref readonly byte from, int at)
        where TLane : unmanaged, ILane<TLane> =>
        TLane.LoadBytes(in Unsafe.As<byte, sbyte>(ref Unsafe.Add(ref Unsafe.AsRef(in from), at)));
}
