using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two nibbles that name uneven levels, under one half scale: <c>w[i] = Scale · level[nibble[i]]</c>. 4.5 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_iq4_nl</c>. Byte i holds weight i below weight i + 16; levels in <see cref="NonLinear"/>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct IQ4_NL : IQuantized<IQ4_NL>
{
    internal Half Scale;
    internal Bytes16 Nibbles;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<IQ4_NL>(ggufType: 20);

    public static string Name => "IQ4_NL";

    public static int Length => 32;

    public static int Group => 32;

    public static bool HasOffset => false;

    public static void Unpack(ref readonly IQ4_NL block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        NonLinear.Unpack(Bits.Load(block.Nibbles, 0), quants, 0);
        scales[0] = HalfFloat.Widen(block.Scale);
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out IQ4_NL block)
    {
        Span<float> ones = stackalloc float[32];
        Span<sbyte> quants = stackalloc sbyte[32];
        block = new IQ4_NL { Scale = ScaleSearch.Encode<NonLinear>(values, Importance.OrOnes(importance, ones), quants, steps: 2) };
        NonLinear.Pack(quants, 0).CopyTo(block.Nibbles);
    }
}
