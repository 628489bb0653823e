using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>Two hundred and fifty-six ternary digits under one half scale: <c>w[i] = Scale · (digit[i] − 1)</c>. 1.6875 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_tq1_0</c>. A byte holds five digits as a fraction of 256, ⌈256 · number / 243⌉: multiplying it with
/// a power of three and keeping the low byte drops leading digits, and thrice that, shifted by 8, is the next one.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct TQ1_0 : ISuperBlock<TQ1_0>, ILevels
{
    internal Bytes48 Fives;
    internal Bytes4 Fours;
    internal Half Scale;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddSuper<TQ1_0>(ggufType: 34);

    public static string Name => "TQ1_0";

    public static int Length => 256;

    public static int Group => 32;

    public static bool HasOffset => false;

    public static float Lowest => -1;

    public static float Highest => 1;

    public static Vector256<float> Nearest(Vector256<float> values) => Levels.Whole(values, -1, 1);

    public static (Half Scale, Half Floor) Tops(ref readonly TQ1_0 block) => (block.Scale, default);

    public static void Unpack(ref readonly TQ1_0 block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        Unpack(Bits.Load(block.Fives, 0), quants, stride: 32);
        Unpack(Bits.Load(block.Fives, 16), quants[16..], stride: 32);
        Unpack(Bits.Load(block.Fives, 32), quants[160..], stride: 16);

        // Four bytes of four digits: side by side, each times its own power, they make the last sixteen.
        uint fours = MemoryMarshal.Read<uint>(block.Fours);
        Vector128<byte> bytes = Vector128.Create(fours).AsByte();
        Bits.Store(Digits(bytes * Vector128.Create(0x01010101u, 0x03030303u, 0x09090909u, 0x1B1B1B1Bu).AsByte()), quants, 240);
        scales[..8].Fill(HalfFloat.Widen(block.Scale));
    }

    [SkipLocalsInit]
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out TQ1_0 block)
    {
        Span<float> ones = stackalloc float[256];
        Span<sbyte> quants = stackalloc sbyte[256];
        block = new TQ1_0 { Scale = ScaleSearch.EncodeFew<TQ1_0>(values, Importance.OrOnes(importance, ones), quants) };
        for (int i = 0; i < 48; i++)
        {
            ReadOnlySpan<sbyte> first = i < 32 ? quants[i..] : quants[(128 + i)..];
            int stride = i < 32 ? 32 : 16;
            block.Fives[i] = Fraction((((((((first[0] * 3) + first[stride]) * 3) + first[2 * stride]) * 3) + first[3 * stride]) * 3) + first[4 * stride]);
        }

        for (int i = 0; i < 4; i++)
            block.Fours[i] = Fraction(((((((quants[240 + i] * 3) + quants[244 + i]) * 3) + quants[248 + i]) * 3) + quants[252 + i]) * 3);
    }

    // Digits are −1, 0, 1 here: 121 makes five of them 0, 1, 2, and a missing fifth, stored as zero, needs one less.
    private static byte Fraction(int number) => (byte)((((number + 121) * 256) + 242) / 243);

    private static void Unpack(Vector128<byte> bytes, Span<sbyte> quants, int stride)
    {
        var three = Vector128.Create((byte)3);
        for (int i = 0; i < 5; i++)
        {
            Bits.Store(Digits(bytes), quants, i * stride);
            bytes *= three;
        }
    }

    private static Vector128<byte> Digits(Vector128<byte> bytes)
    {
        // ⌊3·b / 256⌋ is how many of b ≥ 86 and b ≥ 171 hold.
        var one = Vector128.GreaterThanOrEqual(bytes, Vector128.Create((byte)86));
        var two = Vector128.GreaterThanOrEqual(bytes, Vector128.Create((byte)171));
        return Vector128<byte>.Zero - one - two - Vector128<byte>.One;
    }
}
