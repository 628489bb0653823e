using System.Runtime.Intrinsics;

namespace Thimble.Compute.Kernels;

/// <summary>Parts bytes into 16-bit numbers, as a product in 16 bits reads them.</summary>
internal static class Parting
{
    /// <summary>Of each 32 bytes the even ones first, then the odd ones.</summary>
    /// <param name="bytes">Shape [32 · n].</param>
    /// <param name="shorts">Receives them, shape [32 · n].</param>
    public static void EvenOdd(ReadOnlySpan<sbyte> bytes, Span<short> shorts)
    {
        for (int i = 0; i < bytes.Length; i += 32)
        {
            Vector256<short> pairs = Vector256.Create(bytes.Slice(i, 32)).AsInt16();
            ((pairs << 8) >> 8).CopyTo(shorts[i..]);
            (pairs >> 8).CopyTo(shorts[(i + 16)..]);
        }
    }
}
