using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two nibbles under a half scale and a half offset: <c>w[i] = Scale · nibble[i] + Offset</c>. 5 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q4_1</c>. Byte i holds weight i below weight i + 16.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q4_1 : IQuantized<Q4_1>
{
    internal Half Scale;
    internal Half Offset;
    internal Bytes16 Nibbles;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<Q4_1>(ggufType: 3);

    public static string Name => "Q4_1";

    public static int Length => 32;

    public static int Group => 32;

    public static bool HasOffset => true;

    public static void Unpack(ref readonly Q4_1 block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Vector128<byte> bytes = Bits.Load(block.Nibbles, 0);
        Bits.Store(Bits.LowNibbles(bytes), quants, 0);
        Bits.Store(Bits.HighNibbles(bytes), quants, 16);
        scales[0] = HalfFloat.Widen(block.Scale);
        offsets[0] = HalfFloat.Widen(block.Offset);
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q4_1 block)
    {
        Span<float> ones = stackalloc float[32];
        Span<sbyte> quants = stackalloc sbyte[32];
        block = default;
        (block.Scale, block.Offset) = AffineSearch.Encode(values, Importance.OrOnes(importance, ones), 15, quants);
        Bits.Join(Bits.LoadRaised(quants, 0, 0), Bits.LoadRaised(quants, 16, 0)).CopyTo(block.Nibbles);
    }
}
