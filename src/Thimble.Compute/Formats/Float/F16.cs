using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>One half: five bits of exponent, ten of mantissa.</summary>
/// <remarks>Source: IEEE 754-2019, binary16. 16 bits a weight.</remarks>
internal struct F16 : IFloat<F16>
{
    internal Half Value;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddFloat<F16>(ggufType: 1);

    public static string Name => "F16";

    public static int Length => 1;

    public static void Decode(ref readonly F16 block, Span<float> values) => values[0] = HalfFloat.Widen(block.Value);

    public static void Decode(ReadOnlySpan<F16> blocks, Span<float> values) =>
        Lanes.Best(new Widening(MemoryMarshal.Cast<F16, ushort>(blocks), values, brain: false));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Load<TLane>(ref readonly F16 source)
        where TLane : unmanaged, ILane<TLane> => TLane.LoadHalf(in Unsafe.As<F16, ushort>(ref Unsafe.AsRef(in source)));

    public static float Widen(F16 value) => HalfFloat.Widen(value.Value);

    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out F16 block) =>
        block = new F16 { Value = HalfFloat.Narrow(values[0]) };
}
