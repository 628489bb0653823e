using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two groups of eight magnitudes, each one of 256 lattice points, with signs: 2.0625 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_iq2_xxs</c>. Eight bytes hold thirty-two weights: four points' numbers, then a word of four times
/// seven signs (see <see cref="SignMasks"/>) under a four-bit code: <c>w = Scale · (2·code + 1) / 8 · ±{8, 25, 43}</c>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct IQ2_XXS : IQuantized<IQ2_XXS>
{
    internal Half Scale;
    internal Bytes64 Words;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<IQ2_XXS>(ggufType: 16);

    public static string Name => "IQ2_XXS";

    public static int Length => 256;

    public static int Group => 32;

    public static bool HasOffset => false;

    private static readonly ulong[] s_points = Lattices.Iq2Xxs.Points([8, 25, 43]);
    private static readonly LatticeSearch s_search = new(Lattices.Iq2Xxs, [8, 25, 43], 3, 32, false, 0.125f, 15, [0.6f, 0.75f, 0.9f, 1.05f, 1.2f]);

    public static void Unpack(ref readonly IQ2_XXS block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Span<ulong> eights = MemoryMarshal.Cast<sbyte, ulong>(quants);
        float scale = HalfFloat.Widen(block.Scale);
        for (int g = 0; g < 8; g++)
        {
            uint numbers = BinaryPrimitives.ReadUInt32LittleEndian(block.Words[(8 * g)..]);
            uint signs = BinaryPrimitives.ReadUInt32LittleEndian(block.Words[((8 * g) + 4)..]);
            for (int v = 0; v < 4; v++)
                eights[(4 * g) + v] = SignMasks.Apply(s_points[(byte)(numbers >> (8 * v))], SignMasks.Complete(signs >> (7 * v)));
            scales[g] = scale * (0.5f + (signs >> 28)) * 0.25f;
        }
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out IQ2_XXS block)
    {
        Span<float> ones = stackalloc float[256], magnitudes = stackalloc float[256];
        Span<byte> codes = stackalloc byte[8], signs = stackalloc byte[32], shifts = stackalloc byte[32];
        Span<ushort> points = stackalloc ushort[32];
        ReadOnlySpan<float> weights = Importance.OrOnes(importance, ones);
        SignMasks.Split(values, weights, even: true, magnitudes, signs);
        block = default;
        block.Scale = s_search.Fit(magnitudes, weights, codes, points, shifts);
        for (int g = 0; g < 8; g++)
        {
            uint word = (uint)codes[g] << 28;
            for (int v = 0; v < 4; v++)
            {
                block.Words[(8 * g) + v] = (byte)points[(4 * g) + v];
                word |= (signs[(4 * g) + v] & 127u) << (7 * v);
            }

            BinaryPrimitives.WriteUInt32LittleEndian(block.Words[((8 * g) + 4)..], word);
        }
    }
}
