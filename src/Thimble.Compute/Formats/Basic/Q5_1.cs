using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two five-bit numbers under a half scale and a half offset: <c>w[i] = Scale · number[i] + Offset</c>. 6 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q5_1</c>. Byte i holds the low bits of weight i below those of weight i + 16; bit i of the
/// fifth bits belongs to weight i.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q5_1 : IQuantized<Q5_1>
{
    internal Half Scale;
    internal Half Offset;
    internal uint FifthBits;
    internal Bytes16 Nibbles;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<Q5_1>(ggufType: 7);

    public static string Name => "Q5_1";

    public static int Length => 32;

    public static int Group => 32;

    public static bool HasOffset => true;

    public static void Unpack(ref readonly Q5_1 block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Vector128<byte> bytes = Bits.Load(block.Nibbles, 0), sixteen = Vector128.Create((byte)16);
        Bits.Store(Bits.LowNibbles(bytes) | (Bits.Spread(block.FifthBits) & sixteen), quants, 0);
        Bits.Store(Bits.HighNibbles(bytes) | (Bits.Spread(block.FifthBits >> 16) & sixteen), quants, 16);
        scales[0] = HalfFloat.Widen(block.Scale);
        offsets[0] = HalfFloat.Widen(block.Offset);
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q5_1 block)
    {
        Span<float> ones = stackalloc float[32];
        Span<sbyte> quants = stackalloc sbyte[32];
        block = default;
        (block.Scale, block.Offset) = AffineSearch.Encode(values, Importance.OrOnes(importance, ones), 31, quants);
        Vector128<byte> low = Bits.LoadRaised(quants, 0, 0), high = Bits.LoadRaised(quants, 16, 0);
        var sixteen = Vector128.Create((byte)16);
        block.FifthBits = Bits.Gather(low & sixteen) | (Bits.Gather(high & sixteen) << 16);
        Bits.Join(Bits.LowNibbles(low), Bits.LowNibbles(high)).CopyTo(block.Nibbles);
    }
}
