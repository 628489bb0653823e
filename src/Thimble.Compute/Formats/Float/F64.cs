using System.Runtime.CompilerServices;

namespace Thimble.Compute.Formats;

/// <summary>One 64-bit float, read for the odd tensor of a file that holds them.</summary>
/// <remarks>Source: IEEE 754-2019, binary64. 64 bits a weight.</remarks>
internal struct F64 : IBlock<F64>
{
    internal double Value;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.Add<F64>(ggufType: 28);

    public static string Name => "F64";

    public static int Length => 1;

    public static float Largest => float.MaxValue;

    public static void Decode(ref readonly F64 block, Span<float> values) => values[0] = (float)block.Value;

    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out F64 block) =>
        block = new F64 { Value = values[0] };
}
