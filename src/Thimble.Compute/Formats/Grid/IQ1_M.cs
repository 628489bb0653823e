using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two groups of eight ternary digits, each one of 2,048 lattice points, with a shift of its own: 1.75 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_iq1_m</c>. A point's number is a byte with three bits more; they and a bit that lowers the digits fill a
/// nibble. Four words of sixteen bits hold four three-bit codes each, and in their top nibbles the half scale, lowest first.
/// Numbers are read as in <see cref="IQ1_S"/>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct IQ1_M : IQuantized<IQ1_M>
{
    internal Bytes32 Numbers;
    internal Bytes16 HighBits;
    internal Bytes8 Words;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<IQ1_M>(ggufType: 29);

    public static string Name => "IQ1_M";

    public static int Length => 256;

    public static int Group => 16;

    public static bool HasOffset => false;

    private static readonly ulong[] s_raised = Lattices.Iq1.Points([-7, 1, 9]), s_lowered = Lattices.Iq1.Points([-9, -1, 7]);
    private static readonly LatticeSearch s_search = new(Lattices.Iq1, [-7, 1, 9, -9, -1, 7], 3, 16, true, 0.125f, 7, [0.2f, 0.23f, 0.26f, 0.3f, 0.35f, 0.4f, 0.46f, 0.53f, 0.61f, 0.7f, 0.85f]);

    public static void Unpack(ref readonly IQ1_M block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Span<ulong> eights = MemoryMarshal.Cast<sbyte, ulong>(quants);
        for (int v = 0; v < 32; v++)
        {
            int high = block.HighBits[v / 2] >> (4 * (v % 2));
            ulong[] points = (high & 8) == 0 ? s_raised : s_lowered;
            eights[v] = points[block.Numbers[v] | ((high & 7) << 8)];
        }

        ulong words = BinaryPrimitives.ReadUInt64LittleEndian(block.Words);
        float scale = HalfFloat.Widen((ushort)(((words >> 12) & 0xF) | ((words >> 24) & 0xF0) | ((words >> 36) & 0xF00) | ((words >> 48) & 0xF000)));
        for (int g = 0; g < 16; g++)
            scales[g] = scale * ((2 * ((int)(words >> ((16 * (g / 4)) + (3 * (g % 4)))) & 7)) + 1) * 0.125f;
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out IQ1_M block)
    {
        Span<float> ones = stackalloc float[256];
        Span<byte> codes = stackalloc byte[16], shifts = stackalloc byte[32];
        Span<ushort> points = stackalloc ushort[32];
        ReadOnlySpan<float> weights = Importance.OrOnes(importance, ones);
        block = default;
        ushort bits = BitConverter.HalfToUInt16Bits(s_search.Fit(values, weights, codes, points, shifts));
        ulong words = (bits & 0xFul) << 12 | (bits & 0xF0ul) << 24 | (bits & 0xF00ul) << 36 | (bits & 0xF000ul) << 48;
        for (int g = 0; g < 16; g++)
            words |= (ulong)codes[g] << ((16 * (g / 4)) + (3 * (g % 4)));
        BinaryPrimitives.WriteUInt64LittleEndian(block.Words, words);
        for (int v = 0; v < 32; v++)
        {
            block.Numbers[v] = (byte)points[v];
            block.HighBits[v / 2] |= (byte)(((points[v] >> 8) | (shifts[v] << 3)) << (4 * (v % 2)));
        }
    }
}
