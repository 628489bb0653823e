using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two signed bytes under one half scale: <c>w[i] = Scale · Quants[i]</c>. 8.5 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q8_0</c>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q8_0 : IQuantized<Q8_0>
{
    internal Half Scale;
    internal Bytes Quants;

    [InlineArray(32)]
    internal struct Bytes
    {
        private sbyte _0;
    }

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddQuantized<Q8_0>(ggufType: 8);

    public static string Name => "Q8_0";

    public static int Length => 32;

    public static int Group => 32;

    public static bool HasOffset => false;

    public static void Decode(ref readonly Q8_0 block, Span<float> values)
    {
        float scale = HalfFloat.Widen(block.Scale);
        for (int i = 0; i < 32; i++)
            values[i] = scale * block.Quants[i];
    }

    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q8_0 block)
    {
        float largest = 0;
        foreach (float value in values)
            largest = MathF.Max(largest, MathF.Abs(value));

        block = new Q8_0 { Scale = HalfFloat.Narrow(largest / 127) };
        float inverse = largest == 0 ? 0 : 127 / largest;
        for (int i = 0; i < 32; i++)
            block.Quants[i] = (sbyte)MathF.Round(values[i] * inverse);
    }

    public static void Unpack(ref readonly Q8_0 block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        ((ReadOnlySpan<sbyte>)block.Quants).CopyTo(quants);
        scales[0] = HalfFloat.Widen(block.Scale);
    }
}
