using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Four groups of sixteen four-bit floats, each under an eight-bit float: <c>w = code · nibble</c>. 4.5 bits a weight.</summary>
/// <remarks>Source: NVIDIA's NVFP4; bytes as in ggml, <c>block_nvfp4</c>. In a group's eight bytes byte i holds weight i below weight
/// i + 8; codes have four bits of exponent and three of mantissa without a sign. Values in <see cref="MiniFloat"/>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct NVFP4 : IQuantized<NVFP4>
{
    internal Bytes4 Codes;
    internal Bytes32 Nibbles;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<NVFP4>(ggufType: 40);

    public static string Name => "NVFP4";

    public static int Length => 64;

    public static int Group => 16;

    public static bool HasOffset => false;

    public static float Largest => 448 * 6;

    public static void Unpack(ref readonly NVFP4 block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Vector128<byte> table = MiniFloat.Table.AsByte();
        for (int i = 0; i < 32; i += 16)
        {
            Vector128<byte> bytes = Bits.Load(block.Nibbles, i);
            Vector128<ulong> low = Vector128.Shuffle(table, Bits.LowNibbles(bytes)).AsUInt64();
            Vector128<ulong> high = Vector128.Shuffle(table, Bits.HighNibbles(bytes)).AsUInt64();
            Bits.Store(Vector128.Create(low[0], high[0]).AsByte(), quants, 2 * i);
            Bits.Store(Vector128.Create(low[1], high[1]).AsByte(), quants, (2 * i) + 16);
        }

        for (int g = 0; g < 4; g++)
            scales[g] = Scale(block.Codes[g]);
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out NVFP4 block)
    {
        Span<float> ones = stackalloc float[64];
        Span<sbyte> quants = stackalloc sbyte[16];
        ReadOnlySpan<float> weights = Importance.OrOnes(importance, ones);
        block = default;
        for (int g = 0; g < 4; g++)
        {
            ReadOnlySpan<float> x = values.Slice(16 * g, 16);
            block.Codes[g] = Best(x, weights.Slice(16 * g, 16));
            if (block.Codes[g] != 0)
                WholeNumbers.Round<MiniFloat>(x, 1 / Scale(block.Codes[g]), quants);
            else
                quants.Clear();

            var nibbles = MiniFloat.Nibbles(quants, 0).AsUInt64();
            BinaryPrimitives.WriteUInt64LittleEndian(block.Nibbles[(8 * g)..], nibbles[0] | (nibbles[1] << 4));
        }
    }

    private static byte Best(ReadOnlySpan<float> x, ReadOnlySpan<float> w)
    {
        float largest = MathF.Abs(ScaleSearch.Extreme(x)), best = float.PositiveInfinity;
        if (largest < Scale(1) / 2)
            return 0;

        // Codes rise with their values: those that put the largest value on 12, and around.
        int middle = 1;
        while (middle < 0x7E && Scale(middle) * 12 < largest)
            middle++;

        byte chosen = 0;
        for (int code = Math.Max(middle - 3, 0); code <= Math.Min(middle + 5, 0x7E); code++)
        {
            float error = ScaleSearch.Error<MiniFloat>(x, w, Scale(code), 1 / largest);
            if (error < best)
                (best, chosen) = (error, (byte)code);
        }

        return chosen;
    }

    /// <summary>Half of what a code says, since the values are doubled: <c>(8 + mantissa) · 2^(exponent − 11)</c>; codes 0 and 127 are zero.</summary>
    private static float Scale(int code)
    {
        int exponent = (code >> 3) & 15, mantissa = code & 7;
        return code is 0 or 0x7F ? 0
            : exponent == 0 ? mantissa * 0.0009765625f
            : (8 + mantissa) * BitConverter.Int32BitsToSingle((exponent + 127 - 11) << 23);
    }
}
