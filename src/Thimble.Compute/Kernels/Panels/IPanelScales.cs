using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>How the scales of sixteen rows are kept: a header for some blocks of 32 columns, and codes for each block.</summary>
internal interface IPanelScales
{
    /// <summary>Bytes of a header.</summary>
    static abstract int HeaderBytes { get; }

    /// <summary>Blocks of 32 columns that share a header.</summary>
    static abstract int HeaderBlocks { get; }

    /// <summary>Bytes of one block's codes.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Groups of columns with a scale of their own in a block: 1 or 2.</summary>
    static abstract int Groups { get; }

    /// <summary>Whether groups have whole-number scales, which the whole numbers are multiplied by.</summary>
    static abstract bool IsCoded { get; }

    /// <summary>Whether groups have offsets.</summary>
    static abstract bool HasOffset { get; }

    /// <summary>Writes what belongs to one row and block.</summary>
    /// <param name="header">The header, shape [<see cref="HeaderBytes"/>].</param>
    /// <param name="codes">The block's codes, shape [<see cref="BlockBytes"/>].</param>
    /// <param name="row">The row, in [0, 16).</param>
    /// <param name="first">Scale and offset of the first group.</param>
    /// <param name="second">Scale and offset of the last group.</param>
    static abstract void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale first, in GroupScale second);

    /// <summary>Reads the scales and floors in a header, of rows from <paramref name="row"/> on.</summary>
    static abstract void Head<TLane>(ref readonly byte header, int row, out TLane top, out TLane floor)
        where TLane : unmanaged, ILane<TLane>;

    /// <summary>Reads a block's scales, of rows from <paramref name="row"/> on.</summary>
    /// <param name="codes">The block's codes.</param>
    /// <param name="row">0 or 8.</param>
    /// <param name="bias">What was added to the block's numbers.</param>
    /// <param name="s">Holds the header's scales and floors; receives the block's.</param>
    static abstract void Block<TBytes, TLane>(ref readonly byte codes, int row, int bias, ref BlockScales<TBytes, TLane> s)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>;
}

/// <summary>A block's scales, a lane or a pair of 16-bit numbers for each row.</summary>
/// <remarks>With q the numbers as stored, x a token's bytes and the sums over the two halves of the block, a product is
/// <c>xScale · (Top · (First·Σqx + Second·Σqx − Pair·Σx) + Floor · Floors·Σx)</c>: but for three roundings, whole numbers.</remarks>
internal struct BlockScales<TBytes, TLane>
{
    /// <summary>What one unit of the whole numbers stands for, and of the floors.</summary>
    public TLane Top, Floor;

    /// <summary>Factors on the sums of either half, twice in each lane.</summary>
    public TBytes First, Second;

    /// <summary>Factors on the sums of either half of a token's bytes: what the bias has added, and what the floors take.</summary>
    public TBytes Pair, Floors;
}

/// <summary>One group's scale and offset; Top and Floor are the block's, of which these are multiples in super-block formats.</summary>
internal readonly record struct GroupScale(float Scale, float Offset, Half Top, Half Floor)
{
    /// <summary>The whole number that <see cref="Scale"/> is of <see cref="Top"/>.</summary>
    public sbyte Code => Whole(Scale, Top);

    /// <summary>The whole number that −<see cref="Offset"/> is of <see cref="Floor"/>.</summary>
    public sbyte FloorCode => Whole(-Offset, Floor);

    // A product of a half and a small whole number, divided by that half, misses the number by far less than a half.
    private static sbyte Whole(float product, Half unit) => (BitConverter.HalfToUInt16Bits(unit) & 0x7FFF) == 0 ? (sbyte)0 : (sbyte)MathF.Round(product / HalfFloat.Widen(unit));
}
