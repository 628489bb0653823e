using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two four-bit floats under one power of two: <c>w[i] = 2^(Exponent − 128) · doubled[nibble[i]]</c>. 4.25 bits a weight.</summary>
/// <remarks>Source: Open Compute Project, "OCP Microscaling Formats (MX) Specification", version 1.0; bytes as in ggml, <c>block_mxfp4</c>.
/// Byte i holds weight i below weight i + 16; values in <see cref="MiniFloat"/>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct MXFP4 : IQuantized<MXFP4>
{
    internal byte Exponent;
    internal Bytes16 Nibbles;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<MXFP4>(ggufType: 39);

    public static string Name => "MXFP4";

    public static int Length => 32;

    public static int Group => 32;

    public static bool HasOffset => false;

    public static float Largest => float.MaxValue;

    public static void Unpack(ref readonly MXFP4 block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Vector128<byte> bytes = Bits.Load(block.Nibbles, 0), table = MiniFloat.Table.AsByte();
        Bits.Store(Vector128.Shuffle(table, Bits.LowNibbles(bytes)), quants, 0);
        Bits.Store(Vector128.Shuffle(table, Bits.HighNibbles(bytes)), quants, 16);
        scales[0] = PowerOfTwo(block.Exponent);
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out MXFP4 block)
    {
        Span<float> ones = stackalloc float[32];
        Span<sbyte> quants = stackalloc sbyte[32];
        ReadOnlySpan<float> weights = Importance.OrOnes(importance, ones);
        block = default;
        float largest = MathF.Abs(ScaleSearch.Extreme(values));
        if (!float.IsNormal(largest))
            return;

        // The power that puts the largest value between 8 and 16 doubled units, and its neighbours.
        int middle = Math.Clamp(Math.ILogB(largest) - 2 + 127, 1, 254);
        float best = float.PositiveInfinity;
        for (int exponent = Math.Max(middle - 1, 1); exponent <= Math.Min(middle + 1, 254); exponent++)
        {
            float error = ScaleSearch.Error<MiniFloat>(values, weights, PowerOfTwo(exponent), 1 / largest);
            if (error < best)
                (best, block.Exponent) = (error, (byte)exponent);
        }

        WholeNumbers.Round<MiniFloat>(values, 1 / PowerOfTwo(block.Exponent), quants);
        Bits.Join(MiniFloat.Nibbles(quants, 0), MiniFloat.Nibbles(quants, 16)).CopyTo(block.Nibbles);
    }

    // 2^(exponent − 128); the two lowest are subnormal.
    private static float PowerOfTwo(int exponent) =>
        BitConverter.UInt32BitsToSingle(exponent < 2 ? 0x00200000u << exponent : (uint)(exponent - 1) << 23);
}
