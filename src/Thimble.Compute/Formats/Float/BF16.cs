using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>One brain float: the upper half of a 32-bit float.</summary>
/// <remarks>Source: Kalamkar et al., "A Study of BFLOAT16 for Deep Learning Training", 2019, section 2. 16 bits a weight.</remarks>
internal struct BF16 : IFloat<BF16>
{
    internal ushort Value;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddFloat<BF16>(ggufType: 30);

    public static string Name => "BF16";

    public static int Length => 1;

    public static float Largest => 3.3895314e38f;

    public static void Decode(ref readonly BF16 block, Span<float> values) => values[0] = HalfFloat.WidenBFloat(block.Value);

    public static void Decode(ReadOnlySpan<BF16> blocks, Span<float> values) =>
        Lanes.Best(new Widening(MemoryMarshal.Cast<BF16, ushort>(blocks), values, brain: true));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Load<TLane>(ref readonly BF16 source)
        where TLane : unmanaged, ILane<TLane> => TLane.LoadBFloat(in source.Value);

    public static float Widen(BF16 value) => HalfFloat.WidenBFloat(value.Value);

    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out BF16 block) =>
        block = new BF16 { Value = HalfFloat.NarrowBFloat(values[0]) };
}
