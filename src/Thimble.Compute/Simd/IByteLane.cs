namespace Thimble.Compute.Simd;

/// <summary>A register of bytes, four for each of <see cref="Rows"/> rows: the whole-number half of a quantised product.</summary>
/// <typeparam name="TSelf">The register.</typeparam>
/// <typeparam name="TLane">The register of floats with one float for each row.</typeparam>
internal interface IByteLane<TSelf, TLane>
    where TSelf : unmanaged, IByteLane<TSelf, TLane>
    where TLane : unmanaged, ILane<TLane>
{
    /// <summary>Rows in one register.</summary>
    static abstract int Rows { get; }

    /// <summary>Reads a register.</summary>
    static abstract TSelf Load(ref readonly byte source);

    /// <summary>The same byte everywhere.</summary>
    static abstract TSelf Fill(byte value);

    /// <summary>The same four bytes for every row.</summary>
    static abstract TSelf Spread(ref readonly sbyte four);

    /// <summary>The same 32-bit number for every row.</summary>
    static abstract TSelf FillInt(int value);

    /// <summary>A table of 16 bytes, repeated in every 16 bytes of the register.</summary>
    static abstract TSelf Table(ReadOnlySpan<byte> table);

    /// <summary>Bitwise and.</summary>
    static abstract TSelf operator &(TSelf a, TSelf b);

    /// <summary>Bitwise or.</summary>
    static abstract TSelf operator |(TSelf a, TSelf b);

    /// <summary>Shifts pairs of bytes towards the lowest bit.</summary>
    static abstract TSelf ShiftRight(TSelf a, int bits);

    /// <summary>Shifts pairs of bytes towards the highest bit.</summary>
    static abstract TSelf ShiftLeft(TSelf a, int bits);

    /// <summary>Entries of a table, at indices in [0, 15].</summary>
    static abstract TSelf Look(TSelf table, TSelf indices);

    /// <summary>Products of unsigned and signed bytes, added in pairs to 16-bit numbers; a sum beyond 16 bits sticks at the end.</summary>
    static abstract TSelf MultiplyAdjacent(TSelf unsigned, TSelf signed);

    /// <summary>Sums of 16-bit numbers.</summary>
    static abstract TSelf AddShorts(TSelf a, TSelf b);

    /// <summary>16-bit numbers added in pairs to 32-bit ones: one for each row.</summary>
    static abstract TSelf AddPairs(TSelf shorts);

    /// <summary>Sums of 32-bit numbers.</summary>
    static abstract TSelf AddInts(TSelf a, TSelf b);

    /// <summary>Differences of 32-bit numbers.</summary>
    static abstract TSelf SubtractInts(TSelf a, TSelf b);

    /// <summary>32-bit numbers times a power of two.</summary>
    static abstract TSelf ShiftInts(TSelf a, int bits);

    /// <summary>32-bit numbers as floats.</summary>
    static abstract TLane ToFloats(TSelf ints);
}
