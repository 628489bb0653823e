namespace Thimble.Compute.Simd;

/// <summary>A register of bytes, four for each of <see cref="Rows"/> rows: the whole-number half of a quantised product.</summary>
/// <remarks>The operations are coarse on purpose: the just-in-time compiler inlines a limited number of calls into one loop.
/// Where 16-bit numbers are meant, each row has two; where 32-bit ones are, one. Partial sums are either, as the machine adds:
/// in pairs to 16 bits, or in fours to 32.</remarks>
/// <typeparam name="TSelf">The register.</typeparam>
/// <typeparam name="TLane">The register of floats with one float for each row.</typeparam>
internal interface IByteLane<TSelf, TLane>
    where TSelf : unmanaged, IByteLane<TSelf, TLane>
    where TLane : unmanaged, ILane<TLane>
{
    /// <summary>Rows in one register.</summary>
    static abstract int Rows { get; }

    /// <summary>Whether signed numbers meet several tokens faster in 16 bits: without a sign to move, but with twice the registers.</summary>
    static abstract bool TakesShorts { get; }

    /// <summary>Reads a register.</summary>
    /// <param name="source">Where the plane begins.</param>
    /// <param name="at">Bytes behind that.</param>
    static abstract TSelf Load(ref readonly byte source, int at);

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

    /// <summary>The same 16-bit number everywhere.</summary>
    static abstract TSelf Shorts(short value);

    /// <summary>Reads two signed bytes a row as 16-bit numbers.</summary>
    static abstract TSelf Pairs(ref readonly byte source, int at);

    /// <summary>Reads one signed byte a row as the first of two 16-bit numbers.</summary>
    static abstract TSelf Single(ref readonly byte source, int at);

    /// <summary>The first 16-bit number of each row, twice.</summary>
    static abstract TSelf Low(TSelf pairs);

    /// <summary>The second 16-bit number of each row, twice.</summary>
    static abstract TSelf High(TSelf pairs);

    /// <summary>16-bit numbers times one of them.</summary>
    static abstract TSelf Times(TSelf shorts, short factor);

    /// <summary>Products of four registers of unsigned numbers below 128 with sixteen bytes of one token, added to partial sums.</summary>
    static abstract TSelf Products(TSelf a, TSelf b, TSelf c, TSelf d, ref readonly sbyte x, int at);

    /// <summary>The same for numbers of which only two registers' products fit 16 bits, times <paramref name="by"/>, a 16-bit number
    /// twice in each row, added to 32-bit ones.</summary>
    static abstract TSelf WidenProducts(TSelf a, TSelf b, TSelf c, TSelf d, ref readonly sbyte x, int at, TSelf by);

    /// <summary>The same for signed numbers of eight bits.</summary>
    static abstract TSelf SignedProducts(TSelf a, TSelf b, TSelf c, TSelf d, ref readonly sbyte x, int at, TSelf by);

    /// <summary>The bytes 0 and 2 of each row as 16-bit numbers.</summary>
    static abstract TSelf Evens(TSelf bytes);

    /// <summary>The bytes 1 and 3 of each row as 16-bit numbers.</summary>
    static abstract TSelf Odds(TSelf bytes);

    /// <summary>Products of 16-bit numbers, which must fit them.</summary>
    static abstract TSelf Times(TSelf shorts, TSelf factors);

    /// <summary>Products of four registers of 16-bit numbers with eight of one token, added to 32-bit ones.</summary>
    static abstract TSelf ShortProducts(TSelf a, TSelf b, TSelf c, TSelf d, ref readonly short x, int at);

    /// <summary>Sums of partial sums, times <paramref name="by"/>, a 16-bit number twice in each row, and each row's added to a 32-bit one.</summary>
    static abstract TSelf Widen(TSelf a, TSelf b, TSelf by);

    /// <summary>Partial sums times <paramref name="by"/>, a 16-bit number twice in each row, and each row's added to a 32-bit one.</summary>
    static abstract TSelf Widen(TSelf sums, TSelf by);

    /// <summary>The same pair of 16-bit numbers for every row, times <paramref name="by"/> and added to 32-bit ones.</summary>
    static abstract TSelf Widen(ref readonly short pair, TSelf by);

    /// <summary>Sums of 32-bit numbers.</summary>
    static abstract TSelf AddInts(TSelf a, TSelf b);

    /// <summary>Differences of 32-bit numbers.</summary>
    static abstract TSelf SubtractInts(TSelf a, TSelf b);

    /// <summary>32-bit numbers as floats.</summary>
    static abstract TLane ToFloats(TSelf ints);
}
