using System.Runtime.CompilerServices;

namespace Thimble.Compute.Formats;

/// <summary>One whole number of 8 bits, read for the odd tensor of a file that holds indices or ids.</summary>
/// <remarks>Source: two's complement. 8 bits a weight. Values are rounded to whole numbers.</remarks>
internal struct I8 : IBlock<I8>
{
    internal sbyte Value;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.Add<I8>(ggufType: 24);

    public static string Name => "I8";

    public static int Length => 1;

    public static float Largest => 127;

    public static void Decode(ref readonly I8 block, Span<float> values) => values[0] = block.Value;

    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out I8 block) =>
        block = new I8 { Value = (sbyte)MathF.Round(values[0]) };
}
