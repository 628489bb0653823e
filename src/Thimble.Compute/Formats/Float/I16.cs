using System.Runtime.CompilerServices;

namespace Thimble.Compute.Formats;

/// <summary>One whole number of 16 bits, read for the odd tensor of a file that holds indices or ids.</summary>
/// <remarks>Source: two's complement. 16 bits a weight. Values are rounded to whole numbers.</remarks>
internal struct I16 : IBlock<I16>
{
    internal short Value;

    [ModuleInitializer]
    internal static void Register() => BlockFormats.Add<I16>(ggufType: 25);

    public static string Name => "I16";

    public static int Length => 1;

    public static float Largest => 32767;

    public static void Decode(ref readonly I16 block, Span<float> values) => values[0] = block.Value;

    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, out I16 block) =>
        block = new I16 { Value = (short)MathF.Round(values[0]) };
}
