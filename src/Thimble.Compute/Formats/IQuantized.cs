namespace Thimble.Compute.Formats;

/// <summary>A block of whole numbers under scales: <c>w[i] = scale[g] · q[i] + offset[g]</c> with <c>g = i / Group</c>.</summary>
/// <remarks>Every multiplier is written over this view, so a format that gives it can be multiplied everywhere. Decoding is
/// written over it too, once: the scale is one float by then, so the values are the owner's to the last bit.</remarks>
/// <typeparam name="TSelf">The block.</typeparam>
internal interface IQuantized<TSelf> : IBlock<TSelf>
    where TSelf : unmanaged, IQuantized<TSelf>
{
    /// <summary>Weights under one scale: 16 or 32.</summary>
    static abstract int Group { get; }

    /// <summary>Whether the offsets can be other than zero.</summary>
    static abstract bool HasOffset { get; }

    /// <summary>The whole numbers, scales and offsets of one block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="quants">Receives the whole numbers in [-127, 127], shape [Length].</param>
    /// <param name="scales">Receives the scales, shape [Length / Group].</param>
    /// <param name="offsets">Receives the offsets, shape [Length / Group]; left alone unless <see cref="HasOffset"/>.</param>
    static abstract void Unpack(ref readonly TSelf block, Span<sbyte> quants, Span<float> scales, Span<float> offsets);

    static void IBlock<TSelf>.Decode(ref readonly TSelf block, Span<float> values) =>
        WholeNumbers.Decode(in block, values);
}
