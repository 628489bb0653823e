using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two groups of eight ternary digits, each one of 2,048 lattice points: 1.5625 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_iq1_s</c>. A point's number is a byte with three bits more; a word of sixteen bits for thirty-two weights
/// holds four times three of them, a three-bit code, and a bit that lowers the digits: <c>w = Scale · (2·code + 1) · (digit ± 1/8)</c>.
/// Read as <c>Scale · (2·code + 1) / 8 · (8·digit ± 1)</c> it needs no offset.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct IQ1_S : IQuantized<IQ1_S>
{
    internal Half Scale;
    internal Bytes32 Numbers;
    internal Bytes16 Words;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<IQ1_S>(ggufType: 19);

    public static string Name => "IQ1_S";

    public static int Length => 256;

    public static int Group => 32;

    public static bool HasOffset => false;

    private static readonly ulong[] s_raised = Lattices.Iq1.Points([-7, 1, 9]), s_lowered = Lattices.Iq1.Points([-9, -1, 7]);
    private static readonly LatticeSearch s_search = new(Lattices.Iq1, [-7, 1, 9, -9, -1, 7], 3, 32, false, 0.125f, 7, [0.2f, 0.23f, 0.26f, 0.3f, 0.35f, 0.4f, 0.46f, 0.53f, 0.61f, 0.7f, 0.85f]);

    public static void Unpack(ref readonly IQ1_S block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Span<ulong> eights = MemoryMarshal.Cast<sbyte, ulong>(quants);
        float scale = HalfFloat.Widen(block.Scale);
        for (int g = 0; g < 8; g++)
        {
            int word = BinaryPrimitives.ReadUInt16LittleEndian(block.Words[(2 * g)..]);
            ulong[] points = word < 0x8000 ? s_raised : s_lowered;
            for (int v = 0; v < 4; v++)
                eights[(4 * g) + v] = points[block.Numbers[(4 * g) + v] | (((word >> (3 * v)) & 7) << 8)];
            scales[g] = scale * ((2 * ((word >> 12) & 7)) + 1) * 0.125f;
        }
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out IQ1_S block)
    {
        Span<float> ones = stackalloc float[256];
        Span<byte> codes = stackalloc byte[8], shifts = stackalloc byte[32];
        Span<ushort> points = stackalloc ushort[32];
        ReadOnlySpan<float> weights = Importance.OrOnes(importance, ones);
        block = default;
        block.Scale = s_search.Fit(values, weights, codes, points, shifts);
        for (int g = 0; g < 8; g++)
        {
            int word = (codes[g] << 12) | (shifts[4 * g] << 15);
            for (int v = 0; v < 4; v++)
            {
                block.Numbers[(4 * g) + v] = (byte)points[(4 * g) + v];
                word |= points[(4 * g) + v] >> 8 << (3 * v);
            }

            BinaryPrimitives.WriteUInt16LittleEndian(block.Words[(2 * g)..], (ushort)word);
        }
    }
}
