using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>How the whole numbers of sixteen rows and thirty-two columns are packed, and how they become bytes again.</summary>
/// <remarks>Unpacked they are eight registers: the j-th holds columns 4j to 4j + 3, four bytes for each row.</remarks>
internal interface IPanelQuants
{
    /// <summary>Bytes of sixteen rows and thirty-two columns.</summary>
    static abstract int Bytes { get; }

    /// <summary>What is added to a whole number so that it is stored without a sign; 0 too where <see cref="Span"/> is 1.</summary>
    static abstract int Bias { get; }

    /// <summary>How many registers' products can be added in 16 bits: 8, 4 or 2, all without a sign; 1 for numbers with one.</summary>
    static abstract int Span { get; }

    /// <summary>Packs numbers.</summary>
    /// <param name="numbers">Whole numbers with the bias added, shape [8, 16 · 4]: register after register.</param>
    /// <param name="packed">Receives them, shape [<see cref="Bytes"/>].</param>
    static abstract void Pack(ReadOnlySpan<byte> numbers, Span<byte> packed);

    /// <summary>Unpacks numbers.</summary>
    /// <param name="packed">The packed bytes, advanced to the first row wanted.</param>
    /// <param name="c">Receives the registers.</param>
    static abstract void Unpack<TBytes, TLane>(ref readonly byte packed, out Chunks<TBytes> c)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>;
}

/// <summary>Eight registers: the numbers of thirty-two columns.</summary>
internal struct Chunks<TBytes>
{
    public TBytes C0, C1, C2, C3, C4, C5, C6, C7;
}
