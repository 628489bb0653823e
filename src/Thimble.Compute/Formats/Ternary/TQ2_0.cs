using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Two hundred and fifty-six pairs of bits under one half scale: <c>w[i] = Scale · (pair[i] − 1)</c>. 2.0625 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_tq2_0</c>. Byte i of each half holds weights i, i + 32, i + 64 and i + 96 of that half, the first
/// lowest. A pair of 3, which encoders never write, decodes to 2.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct TQ2_0 : ISuperBlock<TQ2_0>, ILevels
{
    internal Bytes64 Pairs;
    internal Half Scale;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddSuper<TQ2_0>(ggufType: 35);

    public static string Name => "TQ2_0";

    public static int Length => 256;

    public static int Group => 32;

    public static bool HasOffset => false;

    public static float Lowest => -1;

    public static float Highest => 1;

    public static Vector256<float> Nearest(Vector256<float> values) => Levels.Whole(values, -1, 1);

    public static (Half Scale, Half Floor) Tops(ref readonly TQ2_0 block) => (block.Scale, default);

    public static void Unpack(ref readonly TQ2_0 block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        for (int i = 0; i < 64; i += 16)
        {
            Vector128<byte> bytes = Bits.Load(block.Pairs, i);
            int at = (i / 32 * 128) + (i % 32);
            for (int pair = 0; pair < 4; pair++)
                Bits.Store(Bits.Pairs(bytes, 2 * pair) - Vector128<byte>.One, quants, at + (32 * pair));
        }

        scales[..8].Fill(HalfFloat.Widen(block.Scale));
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out TQ2_0 block)
    {
        Span<float> ones = stackalloc float[256];
        Span<sbyte> quants = stackalloc sbyte[256];
        block = new TQ2_0 { Scale = ScaleSearch.EncodeFew<TQ2_0>(values, Importance.OrOnes(importance, ones), quants) };
        for (int i = 0; i < 64; i += 16)
        {
            int at = (i / 32 * 128) + (i % 32);
            Bits.Join(
                Bits.LoadRaised(quants, at, 1), Bits.LoadRaised(quants, at + 32, 1),
                Bits.LoadRaised(quants, at + 64, 1), Bits.LoadRaised(quants, at + 96, 1)).CopyTo(block.Pairs[i..]);
        }
    }
}
