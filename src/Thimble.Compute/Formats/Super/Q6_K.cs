using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Sixteen groups of sixteen six-bit numbers: <c>w = Scale · code · (number − 32)</c>. 6.5625 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q6_K</c>. In each half byte i of the nibbles holds weights i and i + 64, byte i of the pairs weights
/// i, i + 32, i + 64 and i + 96, the first lowest. Codes are signed bytes.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q6_K : ISuperBlock<Q6_K>, ILevels
{
    internal Bytes128 Nibbles;
    internal Bytes64 Pairs;
    internal Bytes16 Codes;
    internal Half Scale;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddSuper<Q6_K>(ggufType: 14);

    public static string Name => "Q6_K";

    public static int Length => 256;

    public static int Group => 16;

    public static bool HasOffset => false;

    public static float Lowest => -32;

    public static float Highest => 31;

    public static Vector256<float> Nearest(Vector256<float> values) => Levels.Whole(values, -32, 31);

    public static (Half Scale, Half Floor) Tops(ref readonly Q6_K block) => (block.Scale, default);

    public static void Unpack(ref readonly Q6_K block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        var shift = Vector128.Create((byte)32);
        for (int i = 0; i < 64; i += 16)
        {
            int half = i / 32, at = (half * 128) + (i % 32);
            Vector128<byte> first = Bits.Load(block.Nibbles, (half * 64) + (i % 32)), second = Bits.Load(block.Nibbles, (half * 64) + 32 + (i % 32));
            Vector128<byte> pairs = Bits.Load(block.Pairs, i);
            Bits.Store(Bits.Join(Bits.LowNibbles(first), Bits.Pairs(pairs, 0)) - shift, quants, at);
            Bits.Store(Bits.Join(Bits.LowNibbles(second), Bits.Pairs(pairs, 2)) - shift, quants, at + 32);
            Bits.Store(Bits.Join(Bits.HighNibbles(first), Bits.Pairs(pairs, 4)) - shift, quants, at + 64);
            Bits.Store(Bits.Join(Bits.HighNibbles(second), Bits.Pairs(pairs, 6)) - shift, quants, at + 96);
        }

        SuperScales.Multiply(Bits.Load(block.Codes, 0).AsSByte(), HalfFloat.Widen(block.Scale), scales);
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q6_K block)
    {
        Span<float> ones = stackalloc float[256];
        Span<sbyte> codes = stackalloc sbyte[16], quants = stackalloc sbyte[256];
        block = new Q6_K { Scale = SuperSearch.Fit<Q6_K>(values, Importance.OrOnes(importance, ones), 16, -127, 127, codes, quants) };
        Bits.LoadRaised(codes, 0, 0).CopyTo(block.Codes);
        for (int i = 0; i < 64; i += 16)
        {
            int half = i / 32, at = (half * 128) + (i % 32);
            Vector128<byte> a = Bits.LoadRaised(quants, at, 32), b = Bits.LoadRaised(quants, at + 32, 32);
            Vector128<byte> c = Bits.LoadRaised(quants, at + 64, 32), d = Bits.LoadRaised(quants, at + 96, 32);
            Bits.Join(Bits.LowNibbles(a), Bits.LowNibbles(c)).CopyTo(block.Nibbles[((half * 64) + (i % 32))..]);
            Bits.Join(Bits.LowNibbles(b), Bits.LowNibbles(d)).CopyTo(block.Nibbles[((half * 64) + 32 + (i % 32))..]);
            Bits.Join(Bits.HighNibbles(a), Bits.HighNibbles(b), Bits.HighNibbles(c), Bits.HighNibbles(d)).CopyTo(block.Pairs[i..]);
        }
    }
}
