using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two nibbles under one half scale: <c>w[i] = Scale · (nibble[i] − 8)</c>. 4.5 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q4_0</c>. Byte i holds weight i below weight i + 16.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q4_0 : IQuantized<Q4_0>, ILevels
{
    internal Half Scale;
    internal Bytes16 Nibbles;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<Q4_0>(ggufType: 2);

    public static string Name => "Q4_0";

    public static int Length => 32;

    public static int Group => 32;

    public static bool HasOffset => false;

    public static float Lowest => -8;

    public static float Highest => 7;

    public static Vector256<float> Nearest(Vector256<float> values) => Levels.Whole(values, -8, 7);

    public static void Unpack(ref readonly Q4_0 block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Vector128<byte> bytes = Bits.Load(block.Nibbles, 0), eight = Vector128.Create((byte)8);
        Bits.Store(Bits.LowNibbles(bytes) - eight, quants, 0);
        Bits.Store(Bits.HighNibbles(bytes) - eight, quants, 16);
        scales[0] = HalfFloat.Widen(block.Scale);
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q4_0 block)
    {
        Span<float> ones = stackalloc float[32];
        Span<sbyte> quants = stackalloc sbyte[32];
        block = new Q4_0 { Scale = ScaleSearch.Encode<Q4_0>(values, Importance.OrOnes(importance, ones), quants) };
        Bits.Join(Bits.LoadRaised(quants, 0, 8), Bits.LoadRaised(quants, 16, 8)).CopyTo(block.Nibbles);
    }
}
