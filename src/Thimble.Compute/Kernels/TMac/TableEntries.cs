using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thimble.Compute.Kernels;

/// <summary>What tables hold: entry i is a sum of activations, each times a digit of i.</summary>
/// <remarks>Digits come in pairs of bytes, and so do activations: a product of bytes, added in pairs, makes 32 entries at once.</remarks>
internal static class TableEntries
{
    private static readonly Pairs s_bits = new(4, static (entry, j) => (entry >> j) & 1);
    private static readonly Pairs s_digits = new(3, static (entry, j) => entry / (j == 0 ? 1 : j == 1 ? 3 : 9) % 3);

    /// <summary>All sums of some of four activations, twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Subsets(ref readonly sbyte x)
    {
        ref short pairs = ref Unsafe.As<sbyte, short>(ref Unsafe.AsRef(in x));
        return Products(s_bits.First, Unsafe.ReadUnaligned<short>(in Unsafe.As<short, byte>(ref pairs))) +
            Products(s_bits.Second, Unsafe.ReadUnaligned<short>(in Unsafe.As<short, byte>(ref Unsafe.Add(ref pairs, 1))));
    }

    /// <summary>All sums of three activations times −1, 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Ternary(sbyte x0, sbyte x1, sbyte x2) =>
        (Products(s_digits.First, (short)((byte)x0 | (x1 << 8))) + Products(s_digits.Second, (byte)x2)) - Vector512.Create((short)(x0 + x1 + x2));

    /// <summary>Pairs of unsigned digits with one pair of activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Products(Vector512<byte> digits, short pair)
    {
        Vector512<sbyte> x = Vector512.Create(pair).AsSByte();
        if (Avx512BW.IsSupported)
            return Avx512BW.MultiplyAddAdjacent(digits, x);
        Vector512<short> d = digits.AsInt16(), p = x.AsInt16();
        return ((d & Vector512.Create((short)255)) * ((p << 8) >> 8)) + ((d >> 8) * (p >> 8));
    }

    /// <summary>The first two digits of each entry, and the next two.</summary>
    private sealed class Pairs(int count, Func<int, int, int> digit)
    {
        public readonly Vector512<byte> First = Of(0, count, digit), Second = Of(2, count, digit);

        private static Vector512<byte> Of(int from, int count, Func<int, int, int> digit)
        {
            Span<byte> bytes = stackalloc byte[64];
            for (int i = 0; i < 64; i++)
                bytes[i] = (byte)(from + (i % 2) < count ? digit(i / 2, from + (i % 2)) : 0);
            return Vector512.Create<byte>(bytes);
        }
    }
}
