using System.Runtime.Intrinsics;

namespace Thimble.Compute.Kernels;

/// <summary>What tables hold.</summary>
internal static class TableEntries
{
    // Entry i holds the j-th of four activations where bit j of i is set.
    private static readonly short[][] s_bits = [.. Numbers(4, static (entry, j) => -((entry >> j) & 1))];

    // Entry i holds the j-th of three activations times digit j of i to the base of three, less one.
    private static readonly short[][] s_digits = [.. Numbers(3, static (entry, j) => (entry / (j == 0 ? 1 : j == 1 ? 3 : 9) % 3) - 1)];

    /// <summary>All sums of some of four activations, twice.</summary>
    public static Vector512<short> Subsets(ReadOnlySpan<sbyte> x) =>
        ((Vector512.Create((short)x[0]) & Vector512.Create(s_bits[0])) + (Vector512.Create((short)x[1]) & Vector512.Create(s_bits[1]))) +
        ((Vector512.Create((short)x[2]) & Vector512.Create(s_bits[2])) + (Vector512.Create((short)x[3]) & Vector512.Create(s_bits[3])));

    /// <summary>All sums of three activations times −1, 0 or 1.</summary>
    public static Vector512<short> Ternary(short x0, short x1, short x2) =>
        (Vector512.Create(x0) * Vector512.Create(s_digits[0])) + (Vector512.Create(x1) * Vector512.Create(s_digits[1])) +
        (Vector512.Create(x2) * Vector512.Create(s_digits[2]));

    private static IEnumerable<short[]> Numbers(int count, Func<int, int, int> number)
    {
        for (int j = 0; j < count; j++)
        {
            short[] numbers = new short[32];
            for (int entry = 0; entry < 32; entry++)
                numbers[entry] = (short)number(entry, j);
            yield return numbers;
        }
    }
}
