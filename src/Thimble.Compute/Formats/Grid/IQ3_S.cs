using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Sixty-four groups of four magnitudes, each one of 512 lattice points, with signs: 3.4375 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_iq3_s</c>. A point's number is a byte with one bit more, eight of those in a byte; signs are whole.
/// Thirty-two weights share a four-bit code, two in a byte: <c>w = Scale · (2·code + 1) · ±{1, 3, 5, 7, 9, 11, 13, 15}</c>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct IQ3_S : IQuantized<IQ3_S>
{
    internal Half Scale;
    internal Bytes64 Numbers;
    internal Bytes8 HighBits;
    internal Bytes32 Signs;
    internal Bytes4 Codes;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<IQ3_S>(ggufType: 21);

    public static string Name => "IQ3_S";

    public static int Length => 256;

    public static int Group => 32;

    public static bool HasOffset => false;

    private static readonly ulong[] s_points = Lattices.Iq3S.Points([1, 3, 5, 7, 9, 11, 13, 15]);
    private static readonly LatticeSearch s_search = new(Lattices.Iq3S, [1, 3, 5, 7, 9, 11, 13, 15], 8, 32, false, 1, 15, [0.8f, 0.9f, 1, 1.1f]);

    public static void Unpack(ref readonly IQ3_S block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Span<ulong> eights = MemoryMarshal.Cast<sbyte, ulong>(quants);
        float scale = HalfFloat.Widen(block.Scale);
        for (int v = 0; v < 32; v++)
        {
            int high = block.HighBits[v / 4] >> (2 * (v % 4));
            ulong first = s_points[block.Numbers[2 * v] | ((high & 1) << 8)], second = s_points[block.Numbers[(2 * v) + 1] | ((high & 2) << 7)];
            eights[v] = SignMasks.Apply(first | (second << 32), block.Signs[v]);
        }

        for (int g = 0; g < 8; g++)
            scales[g] = scale * (1 + (2 * ((block.Codes[g / 2] >> (4 * (g % 2))) & 15)));
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out IQ3_S block)
    {
        Span<float> ones = stackalloc float[256], magnitudes = stackalloc float[256];
        Span<byte> codes = stackalloc byte[8], signs = stackalloc byte[32], shifts = stackalloc byte[64];
        Span<ushort> points = stackalloc ushort[64];
        ReadOnlySpan<float> weights = Importance.OrOnes(importance, ones);
        SignMasks.Split(values, weights, even: false, magnitudes, signs);
        block = default;
        block.Scale = s_search.Fit(magnitudes, weights, codes, points, shifts);
        signs.CopyTo(block.Signs);
        for (int i = 0; i < 64; i++)
        {
            block.Numbers[i] = (byte)points[i];
            block.HighBits[i / 8] |= (byte)(points[i] >> 8 << (i % 8));
        }

        for (int g = 0; g < 8; g++)
            block.Codes[g / 2] |= (byte)(codes[g] << (4 * (g % 2)));
    }
}
