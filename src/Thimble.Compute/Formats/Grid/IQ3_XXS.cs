using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Sixty-four groups of four magnitudes, each one of 256 lattice points, with signs: 3.0625 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_iq3_xxs</c>. Points' numbers are bytes; then a word for thirty-two weights holds four times seven signs
/// (see <see cref="SignMasks"/>) under a four-bit code: <c>w = Scale · (2·code + 1) / 4 · ±{4, 12, 20, 28, 36, 44, 52, 62}</c>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct IQ3_XXS : IQuantized<IQ3_XXS>
{
    internal Half Scale;
    internal Bytes64 Numbers;
    internal Bytes32 Words;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<IQ3_XXS>(ggufType: 18);

    public static string Name => "IQ3_XXS";

    public static int Length => 256;

    public static int Group => 32;

    public static bool HasOffset => false;

    private static readonly ulong[] s_points = Lattices.Iq3Xxs.Points([4, 12, 20, 28, 36, 44, 52, 62]);
    private static readonly LatticeSearch s_search = new(Lattices.Iq3Xxs, [4, 12, 20, 28, 36, 44, 52, 62], 8, 32, false, 0.25f, 15, [0.8f, 0.9f, 1, 1.1f]);

    public static void Unpack(ref readonly IQ3_XXS block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Span<ulong> eights = MemoryMarshal.Cast<sbyte, ulong>(quants);
        float scale = HalfFloat.Widen(block.Scale);
        for (int g = 0; g < 8; g++)
        {
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(block.Words[(4 * g)..]);
            for (int v = 4 * g; v < (4 * g) + 4; v++)
            {
                ulong magnitudes = s_points[block.Numbers[2 * v]] | (s_points[block.Numbers[(2 * v) + 1]] << 32);
                eights[v] = SignMasks.Apply(magnitudes, SignMasks.Complete(word >> (7 * (v % 4))));
            }

            scales[g] = scale * (0.5f + (word >> 28)) * 0.5f;
        }
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out IQ3_XXS block)
    {
        Span<float> ones = stackalloc float[256], magnitudes = stackalloc float[256];
        Span<byte> codes = stackalloc byte[8], signs = stackalloc byte[32], shifts = stackalloc byte[64];
        Span<ushort> points = stackalloc ushort[64];
        ReadOnlySpan<float> weights = Importance.OrOnes(importance, ones);
        SignMasks.Split(values, weights, even: true, magnitudes, signs);
        block = default;
        block.Scale = s_search.Fit(magnitudes, weights, codes, points, shifts);
        for (int i = 0; i < 64; i++)
            block.Numbers[i] = (byte)points[i];
        for (int g = 0; g < 8; g++)
        {
            uint word = (uint)codes[g] << 28;
            for (int v = 0; v < 4; v++)
                word |= (signs[(4 * g) + v] & 127u) << (7 * v);
            BinaryPrimitives.WriteUInt32LittleEndian(block.Words[(4 * g)..], word);
        }
    }
}
