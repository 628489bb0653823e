namespace Thimble.Compute.Simd;

/// <summary>A register of bytes, four for each of <see cref="Rows"/> rows: the whole-number half of a quantised product.</summary>
/// <remarks>The operations are coarse on purpose: the just-in-time compiler inlines a limited number of calls into one loop.</remarks>
/// <typeparam name="TSelf">The register.</typeparam>
/// <typeparam name="TLane">The register of floats with one float for each row.</typeparam>
internal interface IByteLane<TSelf, TLane>
    where TSelf : unmanaged, IByteLane<TSelf, TLane>
    where TLane : unmanaged, ILane<TLane>
{
    /// <summary>Rows in one register.</summary>
    static abstract int Rows { get; }

    /// <summary>Reads a register and keeps some bits of each byte.</summary>
    /// <param name="source">Where the plane begins.</param>
    /// <param name="at">Bytes behind that.</param>
    /// <param name="right">Bits to shift towards the lowest; below zero the other way.</param>
    /// <param name="mask">The bits to keep after the shift.</param>
    static abstract TSelf Field(ref readonly byte source, int at, int right, byte mask);

    /// <summary>Bitwise or.</summary>
    static abstract TSelf operator |(TSelf a, TSelf b);

    /// <summary>Entries of a table of 16 bytes, at indices in [0, 15].</summary>
    static abstract TSelf Look(ReadOnlySpan<byte> table, TSelf indices);

    /// <summary>Products of two registers of unsigned numbers with eight bytes of one token, added to 16-bit numbers.</summary>
    static abstract TSelf Products(TSelf a, TSelf b, ref readonly sbyte x, int at);

    /// <summary>Products of four registers of unsigned numbers with sixteen bytes of one token, added to 16-bit numbers.</summary>
    static abstract TSelf Products(TSelf a, TSelf b, TSelf c, TSelf d, ref readonly sbyte x, int at);

    /// <summary>Sums of 16-bit numbers, then added in pairs to 32-bit ones: one for each row.</summary>
    static abstract TSelf Widen(TSelf a, TSelf b);

    /// <summary>16-bit numbers added in pairs to 32-bit ones: one for each row.</summary>
    static abstract TSelf Widen(TSelf shorts);

    /// <summary>Sums of 32-bit numbers, the second times a power of two.</summary>
    static abstract TSelf AddInts(TSelf a, TSelf b, int shift);

    /// <summary>32-bit numbers, less one number, as floats.</summary>
    static abstract TLane ToFloats(TSelf ints, int less);
}
