using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;
using static Thimble.Compute.Formats.ByteRuns;

namespace Thimble.Compute.Formats;

/// <summary>A hundred and twenty-eight signs under one half scale: <c>w[i] = ±Scale</c>. 1.125 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q1_0</c>. Bit i, lowest first, is set where weight i is not negative. The best scale is the
/// mean magnitude, by importance where there is one.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q1_0 : IQuantized<Q1_0>
{
    internal Half Scale;
    internal Bytes16 Signs;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<Q1_0>(ggufType: 41);

    public static string Name => "Q1_0";

    public static int Length => 128;

    public static int Group => 32;

    public static bool HasOffset => false;

    public static void Unpack(ref readonly Q1_0 block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        for (int i = 0; i < 8; i++)
        {
            Vector128<byte> set = Bits.Spread((uint)(block.Signs[2 * i] | (block.Signs[(2 * i) + 1] << 8)));
            Bits.Store((set & Vector128.Create((byte)2)) - Vector128<byte>.One, quants, 16 * i);
        }

        scales[..4].Fill(HalfFloat.Widen(block.Scale));
    }

    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q1_0 block)
    {
        double sum = 0, all = 0;
        block = default;
        for (int i = 0; i < 128; i++)
        {
            float weight = importance.IsEmpty ? 1 : importance[i];
            (sum, all) = (sum + ((double)weight * MathF.Abs(values[i])), all + weight);
            if (values[i] >= 0)
                block.Signs[i / 8] |= (byte)(1 << (i % 8));
        }

        block.Scale = (Half)(all > 0 ? sum / all : 0);
    }
}
