using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Sixteen groups of sixteen three-bit numbers: <c>w = Scale · (code − 32) · (number − 4)</c>. 3.4375 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q3_K</c>. The pairs lie as in <see cref="Q2_K"/>; bit b of byte i of the third bits belongs to weight
/// i + 32·b. Of the sixteen six-bit codes the low nibbles fill eight bytes, the high pairs four.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q3_K : ISuperBlock<Q3_K>, ILevels
{
    internal Bytes32 ThirdBits;
    internal Bytes64 Pairs;
    internal Bytes12 Codes;
    internal Half Scale;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddSuper<Q3_K>(ggufType: 11);

    public static string Name => "Q3_K";

    public static int Length => 256;

    public static int Group => 16;

    public static bool HasOffset => false;

    public static float Lowest => -4;

    public static float Highest => 3;

    public static Vector256<float> Nearest(Vector256<float> values) => Levels.Whole(values, -4, 3);

    public static (Half Scale, Half Floor) Tops(ref readonly Q3_K block) => (block.Scale, default);

    public static void Unpack(ref readonly Q3_K block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        var four = Vector128.Create((byte)4);
        for (int i = 0; i < 64; i += 16)
        {
            Vector128<byte> bytes = Bits.Load(block.Pairs, i), third = Bits.Load(block.ThirdBits, i % 32);
            int at = (i / 32 * 128) + (i % 32);
            for (int pair = 0; pair < 4; pair++)
            {
                var clear = Vector128.Equals(third & Vector128.Create((byte)(1 << ((i / 32 * 4) + pair))), Vector128<byte>.Zero);
                Bits.Store(Bits.Pairs(bytes, 2 * pair) - (clear & four), quants, at + (32 * pair));
            }
        }

        SuperScales.Multiply(SuperScales.Unpack16(block.Codes) - Vector128.Create((sbyte)32), HalfFloat.Widen(block.Scale), scales);
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q3_K block)
    {
        Span<float> ones = stackalloc float[256];
        Span<sbyte> codes = stackalloc sbyte[16], quants = stackalloc sbyte[256];
        block = new Q3_K { Scale = SuperSearch.Fit<Q3_K>(values, Importance.OrOnes(importance, ones), 16, -32, 31, codes, quants) };
        SuperScales.Pack16(codes, block.Codes);
        for (int i = 0; i < 256; i++)
        {
            int number = quants[i] + 4, at = (i / 128 * 32) + (i % 32);
            block.Pairs[at] |= (byte)((number & 3) << (i % 128 / 32 * 2));
            block.ThirdBits[i % 32] |= (byte)((number >> 2) << (i / 32));
        }
    }
}
