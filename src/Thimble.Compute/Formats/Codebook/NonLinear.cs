using System.Runtime.Intrinsics;

namespace Thimble.Compute.Formats;

/// <summary>The sixteen unevenly spaced levels of IQ4_NL and IQ4_XS: denser near zero, as weights are.</summary>
/// <remarks>Source: ggml, <c>kvalues_iq4nl</c>.</remarks>
internal readonly struct NonLinear : ILevels
{
    /// <summary>The levels by their nibble.</summary>
    public static Vector128<sbyte> Table => Vector128.Create(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

    private static ReadOnlySpan<float> Midpoints => [-115.5f, -93.5f, -74, -57, -42, -28.5f, -16, -4.5f, 7, 19, 31.5f, 45.5f, 61, 79, 101];

    private static ReadOnlySpan<float> Rises => [23, 21, 18, 16, 14, 13, 12, 11, 12, 12, 13, 15, 16, 20, 24];

    public static float Lowest => -127;

    public static float Highest => 113;

    public static Vector256<float> Nearest(Vector256<float> values) => Levels.Stairs(values, Lowest, Midpoints, Rises);

    /// <summary>Reads thirty-two levels from sixteen bytes of nibbles.</summary>
    public static void Unpack(Vector128<byte> nibbles, Span<sbyte> quants, int at)
    {
        Vector128<byte> table = Table.AsByte();
        Bits.Store(Vector128.Shuffle(table, Bits.LowNibbles(nibbles)), quants, at);
        Bits.Store(Vector128.Shuffle(table, Bits.HighNibbles(nibbles)), quants, at + 16);
    }

    /// <summary>Writes thirty-two levels as sixteen bytes of nibbles.</summary>
    public static Vector128<byte> Pack(ReadOnlySpan<sbyte> quants, int at) => Bits.Join(Nibbles(quants, at), Nibbles(quants, at + 16));

    private static Vector128<byte> Nibbles(ReadOnlySpan<sbyte> quants, int at)
    {
        // A level's number is how many levels lie below it.
        var values = Vector128.Create(quants.Slice(at, 16));
        Vector128<sbyte> number = Vector128<sbyte>.Zero, table = Table;
        for (int i = 0; i < 15; i++)
            number -= Vector128.GreaterThan(values, Vector128.Create(table[i]));
        return number.AsByte();
    }
}
