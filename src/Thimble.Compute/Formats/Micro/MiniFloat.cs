using System.Runtime.Intrinsics;

namespace Thimble.Compute.Formats;

/// <summary>The fifteen values of a four-bit float, doubled so that they are whole: 0, ±1, ±2, ±3, ±4, ±6, ±8, ±12.</summary>
/// <remarks>Source: Open Compute Project, "OCP Microscaling Formats (MX) Specification", version 1.0, section 5.3.3 (E2M1).</remarks>
internal readonly struct MiniFloat : ILevels
{
    /// <summary>The doubled values by their nibble: a sign over two bits of exponent over one of mantissa.</summary>
    public static Vector128<sbyte> Table => Vector128.Create(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

    private static ReadOnlySpan<float> Midpoints => [-10, -7, -5, -3.5f, -2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 3.5f, 5, 7, 10];

    private static ReadOnlySpan<float> Rises => [4, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 4];

    public static float Lowest => -12;

    public static float Highest => 12;

    public static Vector256<float> Nearest(Vector256<float> values) => Levels.Stairs(values, Lowest, Midpoints, Rises);

    /// <summary>The nibbles of sixteen doubled values.</summary>
    public static Vector128<byte> Nibbles(ReadOnlySpan<sbyte> quants, int at)
    {
        // A magnitude's number is how many magnitudes lie below it; bit 3 is the sign.
        var values = Vector128.Create(quants.Slice(at, 16));
        Vector128<sbyte> magnitude = Vector128.Abs(values), number = Vector128<sbyte>.Zero, table = Table;
        for (int i = 0; i < 7; i++)
            number -= Vector128.GreaterThan(magnitude, Vector128.Create(table[i]));
        return (number | (Vector128.LessThan(values, Vector128<sbyte>.Zero) & Vector128.Create((sbyte)8))).AsByte();
    }
}
