namespace Thimble.Compute.Memory;

/// <summary>What activations are rounded to before they meet quantised weights.</summary>
internal enum Precision
{
    /// <summary>Eight bits in groups of 32: the fast way, as good as every engine in the field does it.</summary>
    Bytes,

    /// <summary>Not at all: products of decoded weights in 32-bit floats, for reference results.</summary>
    Floats,
}
