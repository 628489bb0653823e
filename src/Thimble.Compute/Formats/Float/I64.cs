using System.Runtime.CompilerServices;

namespace Thimble.Compute.Formats;

/// <summary>One whole number of 64 bits, read for the odd tensor of a file that holds indices or ids.</summary>
/// <remarks>Source: two's complement. 64 bits a weight. Values are rounded to whole numbers.</remarks>
internal struct I64 : IBlock<I64>
{
    internal long Value;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.Add<I64>(ggufType: 27);

    public static string Name => "I64";

    public static int Length => 1;

    public static float Largest => 9.223371e18f;

    public static void Decode(ref readonly I64 block, Span<float> values) => values[0] = block.Value;

    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out I64 block) =>
        block = new I64 { Value = (long)MathF.Round(values[0]) };
}
