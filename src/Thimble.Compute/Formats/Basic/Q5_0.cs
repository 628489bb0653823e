using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two five-bit numbers under one half scale: <c>w[i] = Scale · (number[i] − 16)</c>. 5.5 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q5_0</c>. Byte i holds the low bits of weight i below those of weight i + 16; bit i of the
/// fifth bits belongs to weight i.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q5_0 : IQuantized<Q5_0>, ILevels
{
    internal Half Scale;
    internal uint FifthBits;
    internal Bytes16 Nibbles;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<Q5_0>(ggufType: 6);

    public static string Name => "Q5_0";

    public static int Length => 32;

    public static int Group => 32;

    public static bool HasOffset => false;

    public static float Lowest => -16;

    public static float Highest => 15;

    public static Vector256<float> Nearest(Vector256<float> values) => Levels.Whole(values, -16, 15);

    public static void Unpack(ref readonly Q5_0 block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Vector128<byte> bytes = Bits.Load(block.Nibbles, 0), sixteen = Vector128.Create((byte)16);
        uint fifth = ~block.FifthBits;
        Bits.Store(Bits.LowNibbles(bytes) - (Bits.Spread(fifth) & sixteen), quants, 0);
        Bits.Store(Bits.HighNibbles(bytes) - (Bits.Spread(fifth >> 16) & sixteen), quants, 16);
        scales[0] = HalfFloat.Widen(block.Scale);
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q5_0 block)
    {
        Span<float> ones = stackalloc float[32];
        Span<sbyte> quants = stackalloc sbyte[32];
        block = new Q5_0 { Scale = ScaleSearch.Encode<Q5_0>(values, Importance.OrOnes(importance, ones), quants) };
        Vector128<byte> low = Bits.LoadRaised(quants, 0, 16), high = Bits.LoadRaised(quants, 16, 16);
        var sixteen = Vector128.Create((byte)16);
        block.FifthBits = Bits.Gather(low & sixteen) | (Bits.Gather(high & sixteen) << 16);
        Bits.Join(Bits.LowNibbles(low), Bits.LowNibbles(high)).CopyTo(block.Nibbles);
    }
}
