using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two groups of eight magnitudes, each one of 1,024 lattice points, with signs: 2.5625 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_iq2_s</c>. A point's number is a byte with two bits more, four of those pairs in a byte; signs are whole.
/// Sixteen weights share a four-bit code, two in a byte: <c>w = Scale · (2·code + 1) / 8 · ±{8, 25, 43}</c>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct IQ2_S : IQuantized<IQ2_S>
{
    internal Half Scale;
    internal Bytes32 Numbers;
    internal Bytes32 Signs;
    internal Bytes8 HighPairs;
    internal Bytes8 Codes;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<IQ2_S>(ggufType: 22);

    public static string Name => "IQ2_S";

    public static int Length => 256;

    public static int Group => 16;

    public static bool HasOffset => false;

    private static readonly ulong[] s_points = Lattices.Iq2S.Points([8, 25, 43]);
    private static readonly LatticeSearch s_search = new(Lattices.Iq2S, [8, 25, 43], 3, 16, false, 0.125f, 15, [0.6f, 0.75f, 0.9f, 1.05f, 1.2f]);

    public static void Unpack(ref readonly IQ2_S block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Span<ulong> eights = MemoryMarshal.Cast<sbyte, ulong>(quants);
        float scale = HalfFloat.Widen(block.Scale);
        for (int v = 0; v < 32; v++)
        {
            int number = block.Numbers[v] | (((block.HighPairs[v / 4] >> (2 * (v % 4))) & 3) << 8);
            eights[v] = SignMasks.Apply(s_points[number], block.Signs[v]);
        }

        for (int g = 0; g < 16; g++)
            scales[g] = scale * (0.5f + ((block.Codes[g / 2] >> (4 * (g % 2))) & 15)) * 0.25f;
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out IQ2_S block)
    {
        Span<float> ones = stackalloc float[256], magnitudes = stackalloc float[256];
        Span<byte> codes = stackalloc byte[16], signs = stackalloc byte[32], shifts = stackalloc byte[32];
        Span<ushort> points = stackalloc ushort[32];
        ReadOnlySpan<float> weights = Importance.OrOnes(importance, ones);
        SignMasks.Split(values, weights, even: false, magnitudes, signs);
        block = default;
        block.Scale = s_search.Fit(magnitudes, weights, codes, points, shifts);
        signs.CopyTo(block.Signs);
        for (int v = 0; v < 32; v++)
        {
            block.Numbers[v] = (byte)points[v];
            block.HighPairs[v / 4] |= (byte)(points[v] >> 8 << (2 * (v % 4)));
        }

        for (int g = 0; g < 16; g++)
            block.Codes[g / 2] |= (byte)(codes[g] << (4 * (g % 2)));
    }
}
