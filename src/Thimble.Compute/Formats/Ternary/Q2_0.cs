using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Sixty-four pairs of bits under one half scale: <c>w[i] = Scale · (pair[i] − 1)</c>. 2.25 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q2_0</c>. Byte i holds weights 4·i to 4·i + 3, the first lowest. Made for ternary weights:
/// the fourth level, +2, is there all the same.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q2_0 : IQuantized<Q2_0>, ILevels
{
    internal Half Scale;
    internal Bytes16 Pairs;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<Q2_0>(ggufType: 42);

    public static string Name => "Q2_0";

    public static int Length => 64;

    public static int Group => 32;

    public static bool HasOffset => false;

    public static float Lowest => -1;

    public static float Highest => 2;

    public static Vector256<float> Nearest(Vector256<float> values) => Levels.Whole(values, -1, 2);

    public static void Unpack(ref readonly Q2_0 block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        for (int i = 0; i < 4; i++)
        {
            // Four bytes hold sixteen weights: each byte is repeated four times, and each copy keeps one of its pairs.
            var bytes = Vector128.Create((uint)block.Pairs[4 * i], block.Pairs[(4 * i) + 1], block.Pairs[(4 * i) + 2], block.Pairs[(4 * i) + 3]);
            bytes *= Vector128.Create(0x01010101u);
            Vector128<uint> pairs = (bytes & Vector128.Create(0x3u)) | ((bytes >>> 2) & Vector128.Create(0x300u))
                | ((bytes >>> 4) & Vector128.Create(0x30000u)) | ((bytes >>> 6) & Vector128.Create(0x3000000u));
            Bits.Store(pairs.AsByte() - Vector128<byte>.One, quants, 16 * i);
        }

        scales[..2].Fill(HalfFloat.Widen(block.Scale));
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q2_0 block)
    {
        Span<float> ones = stackalloc float[64];
        Span<sbyte> quants = stackalloc sbyte[64];
        block = new Q2_0 { Scale = ScaleSearch.EncodeFew<Q2_0>(values, Importance.OrOnes(importance, ones), quants) };
        for (int i = 0; i < 64; i++)
            block.Pairs[i / 4] |= (byte)((quants[i] + 1) << (2 * (i % 4)));
    }
}
