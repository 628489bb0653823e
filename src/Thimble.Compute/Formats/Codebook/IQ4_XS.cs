using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Eight groups of thirty-two nibbles that name uneven levels: <c>w = Scale · (code − 32) · level[nibble]</c>. 4.25 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_iq4_xs</c>. A group's sixteen bytes are as in <see cref="IQ4_NL"/>; of its six-bit code the low nibble
/// is in the low codes, two groups a byte, and the high pair in the high codes, lowest first.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct IQ4_XS : ISuperBlock<IQ4_XS>
{
    internal Half Scale;
    internal ushort HighCodes;
    internal Bytes4 LowCodes;
    internal Bytes128 Nibbles;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddSuper<IQ4_XS>(ggufType: 23);

    public static string Name => "IQ4_XS";

    public static int Length => 256;

    public static int Group => 32;

    public static bool HasOffset => false;

    public static (Half Scale, Half Floor) Tops(ref readonly IQ4_XS block) => (block.Scale, default);

    public static void Unpack(ref readonly IQ4_XS block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        float scale = HalfFloat.Widen(block.Scale);
        for (int g = 0; g < 8; g++)
        {
            NonLinear.Unpack(Bits.Load(block.Nibbles, 16 * g), quants, 32 * g);
            int code = ((block.LowCodes[g / 2] >> (4 * (g % 2))) & 15) | (((block.HighCodes >> (2 * g)) & 3) << 4);
            scales[g] = scale * (code - 32);
        }
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out IQ4_XS block)
    {
        Span<float> ones = stackalloc float[256];
        Span<sbyte> codes = stackalloc sbyte[8], quants = stackalloc sbyte[256];
        block = new IQ4_XS { Scale = SuperSearch.Fit<NonLinear>(values, Importance.OrOnes(importance, ones), 32, -32, 31, codes, quants) };
        for (int g = 0; g < 8; g++)
        {
            int code = codes[g] + 32;
            block.LowCodes[g / 2] |= (byte)((code & 15) << (4 * (g % 2)));
            block.HighCodes |= (ushort)((code >> 4) << (2 * g));
            NonLinear.Pack(quants, 32 * g).CopyTo(block.Nibbles[(16 * g)..]);
        }
    }
}
