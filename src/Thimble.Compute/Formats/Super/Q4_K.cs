using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Eight groups of thirty-two nibbles: <c>w = Scale · code · number − Floor · floor</c>. 4.5 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q4_K</c>. Byte i of each quarter of the nibbles holds weight i of one group below weight i of the next.
/// The codes are six bits each, see <see cref="SuperScales"/>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q4_K : ISuperBlock<Q4_K>
{
    internal Half Scale;
    internal Half Floor;
    internal Bytes12 Codes;
    internal Bytes128 Nibbles;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddSuper<Q4_K>(ggufType: 12);

    public static string Name => "Q4_K";

    public static int Length => 256;

    public static int Group => 32;

    public static bool HasOffset => true;

    public static (Half Scale, Half Floor) Tops(ref readonly Q4_K block) => (block.Scale, block.Floor);

    public static void Unpack(ref readonly Q4_K block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        for (int i = 0; i < 128; i += 16)
        {
            Vector128<byte> bytes = Bits.Load(block.Nibbles, i);
            int at = (i / 32 * 64) + (i % 32);
            Bits.Store(Bits.LowNibbles(bytes), quants, at);
            Bits.Store(Bits.HighNibbles(bytes), quants, at + 32);
        }

        SuperScales.Unpack8(block.Codes, HalfFloat.Widen(block.Scale), HalfFloat.Widen(block.Floor), scales, offsets);
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q4_K block)
    {
        Span<float> ones = stackalloc float[256];
        Span<byte> codes = stackalloc byte[8], floors = stackalloc byte[8];
        Span<sbyte> quants = stackalloc sbyte[256];
        block = default;
        (block.Scale, block.Floor) = SuperAffineSearch.Fit(values, Importance.OrOnes(importance, ones), 32, 15, 63, codes, floors, quants);
        SuperScales.Pack8(codes, floors, block.Codes);
        for (int i = 0; i < 128; i += 16)
        {
            int at = (i / 32 * 64) + (i % 32);
            Bits.Join(Bits.LoadRaised(quants, at, 0), Bits.LoadRaised(quants, at + 32, 0)).CopyTo(block.Nibbles[i..]);
        }
    }
}
