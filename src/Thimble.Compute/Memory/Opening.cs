using Thimble.Compute.Threads;

namespace Thimble.Compute.Memory;

/// <summary>What activations are rounded to before they meet quantised weights.</summary>
internal enum Precision
{
    /// <summary>Eight bits in groups of 32: the fast way, as good as every engine in the field does it.</summary>
    Bytes,

    /// <summary>Not at all: products of decoded weights in 32-bit floats, for reference results.</summary>
    Floats,
}

/// <summary>How weights are opened.</summary>
/// <param name="Precision">What activations are rounded to.</param>
/// <param name="Packer">Shares the work of packing rows for speed; null to multiply the weights as they lie in the file.</param>
internal readonly record struct Opening(Precision Precision, Team? Packer = null);
