using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two groups of eight magnitudes, each one of 512 lattice points, with signs: 2.3125 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_iq2_xs</c>. A word of sixteen bits holds a point's number under seven signs (see <see cref="SignMasks"/>);
/// sixteen weights share a four-bit code, two in a byte: <c>w = Scale · (2·code + 1) / 8 · ±{8, 25, 43}</c>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct IQ2_XS : IQuantized<IQ2_XS>
{
    internal Half Scale;
    internal Bytes64 Words;
    internal Bytes8 Codes;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<IQ2_XS>(ggufType: 17);

    public static string Name => "IQ2_XS";

    public static int Length => 256;

    public static int Group => 16;

    public static bool HasOffset => false;

    private static readonly ulong[] s_points = Lattices.Iq2Xs.Points([8, 25, 43]);
    private static readonly LatticeSearch s_search = new(Lattices.Iq2Xs, [8, 25, 43], 3, 16, false, 0.125f, 15, [0.6f, 0.75f, 0.9f, 1.05f, 1.2f]);

    public static void Unpack(ref readonly IQ2_XS block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Span<ulong> eights = MemoryMarshal.Cast<sbyte, ulong>(quants);
        float scale = HalfFloat.Widen(block.Scale);
        for (int v = 0; v < 32; v++)
        {
            uint word = BinaryPrimitives.ReadUInt16LittleEndian(block.Words[(2 * v)..]);
            eights[v] = SignMasks.Apply(s_points[word & 511], SignMasks.Complete(word >> 9));
        }

        for (int g = 0; g < 16; g++)
            scales[g] = scale * (0.5f + ((block.Codes[g / 2] >> (4 * (g % 2))) & 15)) * 0.25f;
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out IQ2_XS block)
    {
        Span<float> ones = stackalloc float[256], magnitudes = stackalloc float[256];
        Span<byte> codes = stackalloc byte[16], signs = stackalloc byte[32], shifts = stackalloc byte[32];
        Span<ushort> points = stackalloc ushort[32];
        ReadOnlySpan<float> weights = Importance.OrOnes(importance, ones);
        SignMasks.Split(values, weights, even: true, magnitudes, signs);
        block = default;
        block.Scale = s_search.Fit(magnitudes, weights, codes, points, shifts);
        for (int v = 0; v < 32; v++)
            BinaryPrimitives.WriteUInt16LittleEndian(block.Words[(2 * v)..], (ushort)(points[v] | ((signs[v] & 127) << 9)));
        for (int g = 0; g < 16; g++)
            block.Codes[g / 2] |= (byte)(codes[g] << (4 * (g % 2)));
    }
}
