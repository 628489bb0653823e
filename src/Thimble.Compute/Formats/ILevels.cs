using System.Runtime.Intrinsics;

namespace Thimble.Compute.Formats;

/// <summary>The whole numbers that a format can put under a scale.</summary>
/// <remarks>The searches for a scale are written once over this, for evenly spaced levels and for codebooks.</remarks>
internal interface ILevels
{
    /// <summary>The lowest level.</summary>
    static abstract float Lowest { get; }

    /// <summary>The highest level.</summary>
    static abstract float Highest { get; }

    /// <summary>The level nearest to each value.</summary>
    static abstract Vector256<float> Nearest(Vector256<float> values);
}
