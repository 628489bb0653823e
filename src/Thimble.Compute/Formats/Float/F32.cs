using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>One 32-bit float.</summary>
/// <remarks>Source: IEEE 754-2019, binary32. 32 bits a weight.</remarks>
internal struct F32 : IFloat<F32>
{
    internal float Value;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.AddFloat<F32>(ggufType: 0);

    public static string Name => "F32";

    public static int Length => 1;

    public static float Largest => float.MaxValue;

    public static void Decode(ref readonly F32 block, Span<float> values) => values[0] = block.Value;

    public static void Decode(ReadOnlySpan<F32> blocks, Span<float> values) => MemoryMarshal.Cast<F32, float>(blocks).CopyTo(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Load<TLane>(ref readonly F32 source)
        where TLane : unmanaged, ILane<TLane> => TLane.Load(in source.Value);

    public static float Widen(F32 value) => value.Value;

    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out F32 block) =>
        block = new F32 { Value = values[0] };
}
