using System.Runtime.CompilerServices;

namespace Thimble.Compute.Formats;

/// <summary>One whole number of 32 bits, read for the odd tensor of a file that holds indices or ids.</summary>
/// <remarks>Source: two's complement. 32 bits a weight. Values are rounded to whole numbers.</remarks>
internal struct I32 : IBlock<I32>
{
    internal int Value;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.Add<I32>(ggufType: 26);

    public static string Name => "I32";

    public static int Length => 1;

    public static float Largest => 2147483520;

    public static void Decode(ref readonly I32 block, Span<float> values) => values[0] = block.Value;

    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out I32 block) =>
        block = new I32 { Value = (int)MathF.Round(values[0]) };
}
