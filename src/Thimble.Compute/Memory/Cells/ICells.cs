using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Memory;

/// <summary>How the keys or values of one head are stored in a page.</summary>
/// <remarks>A token's vector becomes a row of elements and, for some formats, a row of half scales. Values lie token by token;
/// keys lie the other way, so that a register holds one feature of neighbouring keys: shape [elements, tokens], then
/// [scales, tokens].</remarks>
internal interface ICells
{
    /// <summary>The name ggml prints.</summary>
    static abstract string Name { get; }

    /// <summary>Neighbouring features that share a scale; a head's size must be a multiple.</summary>
    static abstract int Grain { get; }

    /// <summary>The most query rows for which cells are widened anew as each meets them, rather than once into scratch memory.</summary>
    static abstract int DirectRows { get; }

    /// <summary>What a vector becomes.</summary>
    static abstract CellPlanes Planes(int size);

    /// <summary>Stores a vector: elements, then scales.</summary>
    static abstract void Encode(ReadOnlySpan<float> values, Span<byte> token);

    /// <summary>Widens all keys of a page.</summary>
    /// <param name="cells">Keys of one head.</param>
    /// <param name="size">Features of a key.</param>
    /// <param name="y">Receives them, shape [size, tokens].</param>
    static abstract unsafe void WidenKeys<TLane>(byte* cells, int size, float* y)
        where TLane : unmanaged, ILane<TLane>;

    /// <summary>Widens the values of tokens [from, to) of a page.</summary>
    /// <param name="cells">Values of one head.</param>
    /// <param name="size">Features of a value.</param>
    /// <param name="from">The first token.</param>
    /// <param name="to">The token after the last.</param>
    /// <param name="y">Receives them, shape [tokens, size]; other tokens' rows stay.</param>
    static abstract unsafe void WidenValues<TLane>(byte* cells, int size, int from, int to, float* y)
        where TLane : unmanaged, ILane<TLane>;

    /// <summary>Multiplies rows with cells as they lie; only for up to <see cref="DirectRows"/> rows.</summary>
    static abstract unsafe void Multiply<TLane>(in RowProducts products, byte* cells)
        where TLane : unmanaged, ILane<TLane>;
}

/// <summary>What a vector becomes when it is stored.</summary>
/// <param name="Elements">Elements.</param>
/// <param name="Width">Bytes of an element: 1, 2 or 4.</param>
/// <param name="Scales">Half scales.</param>
internal readonly record struct CellPlanes(int Elements, int Width, int Scales)
{
    /// <summary>Bytes of one vector.</summary>
    public int Bytes => (Elements * Width) + (Scales * sizeof(ushort));
}
