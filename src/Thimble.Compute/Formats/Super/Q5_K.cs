using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Eight groups of thirty-two five-bit numbers: <c>w = Scale · code · number − Floor · floor</c>. 5.5 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q5_K</c>. Byte i of each quarter of the nibbles holds weight i of one group below weight i of the next;
/// bit g of byte i of the fifth bits belongs to weight i of group g.
/// The codes are six bits each, see <see cref="SuperScales"/>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q5_K : ISuperBlock<Q5_K>
{
    internal Half Scale;
    internal Half Floor;
    internal Bytes12 Codes;
    internal Bytes32 FifthBits;
    internal Bytes128 Nibbles;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddSuper<Q5_K>(ggufType: 13);

    public static string Name => "Q5_K";

    public static int Length => 256;

    public static int Group => 32;

    public static bool HasOffset => true;

    public static (Half Scale, Half Floor) Tops(ref readonly Q5_K block) => (block.Scale, block.Floor);

    public static void Unpack(ref readonly Q5_K block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        var one = Vector128<byte>.One;
        for (int i = 0; i < 128; i += 16)
        {
            Vector128<byte> bytes = Bits.Load(block.Nibbles, i), fifth = Bits.Load(block.FifthBits, i % 32);
            int at = (i / 32 * 64) + (i % 32), group = i / 32 * 2;
            Bits.Store(Bits.Join(Bits.LowNibbles(bytes), (fifth.AsUInt16() >>> group).AsByte() & one), quants, at);
            Bits.Store(Bits.Join(Bits.HighNibbles(bytes), (fifth.AsUInt16() >>> (group + 1)).AsByte() & one), quants, at + 32);
        }

        SuperScales.Unpack8(block.Codes, HalfFloat.Widen(block.Scale), HalfFloat.Widen(block.Floor), scales, offsets);
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q5_K block)
    {
        Span<float> ones = stackalloc float[256];
        Span<byte> codes = stackalloc byte[8], floors = stackalloc byte[8];
        Span<sbyte> quants = stackalloc sbyte[256];
        block = default;
        (block.Scale, block.Floor) = SuperAffineSearch.Fit(values, Importance.OrOnes(importance, ones), 32, 31, 63, codes, floors, quants);
        SuperScales.Pack8(codes, floors, block.Codes);
        for (int i = 0; i < 128; i += 16)
        {
            int at = (i / 32 * 64) + (i % 32);
            Vector128<byte> low = Bits.LoadRaised(quants, at, 0), high = Bits.LoadRaised(quants, at + 32, 0);
            Bits.Join(Bits.LowNibbles(low), Bits.LowNibbles(high)).CopyTo(block.Nibbles[i..]);
        }

        for (int i = 0; i < 256; i++)
            block.FifthBits[i % 32] |= (byte)((quants[i] >> 4) << (i / 32));
    }
}
