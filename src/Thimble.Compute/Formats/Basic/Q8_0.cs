using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>Thirty-two signed bytes under one half scale: <c>w[i] = Scale · Quants[i]</c>. 8.5 bits a weight.</summary>
/// <remarks>Source: ggml, <c>block_q8_0</c>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Q8_0 : IQuantized<Q8_0>, ILevels
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

    public static float Lowest => -127;

    public static float Highest => 127;

    public static Vector256<float> Nearest(Vector256<float> values) => Levels.Whole(values, -127, 127);

    /// <inheritdoc />
    /// <remarks>At eight bits no search pays: the largest value takes 127, and values are rounded under the scale as stored.</remarks>
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out Q8_0 block)
    {
        block = new Q8_0 { Scale = (Half)(MathF.Abs(ScaleSearch.Extreme(values)) / 127) };
        float inverse = block.Scale == Half.Zero ? 0 : 1 / HalfFloat.Widen(block.Scale);
        WholeNumbers.Round<Q8_0>(values, inverse, block.Quants);
    }

    public static void Unpack(ref readonly Q8_0 block, Span<sbyte> quants, Span<float> scales, Span<float> offsets)
    {
        ((ReadOnlySpan<sbyte>)block.Quants).CopyTo(quants);
        scales[0] = HalfFloat.Widen(block.Scale);
    }
}
