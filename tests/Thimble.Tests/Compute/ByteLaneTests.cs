using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;

namespace Thimble.Tests.Compute;

/// <summary>What the byte registers of this machine do, in whole numbers: each lane that it has.</summary>
public class ByteLaneTests
{
    private static readonly sbyte[] s_x = [127, -127, 127, 127, -127, 90, -3, 0, 127, -127, 1, 2, 3, -4, 127, 127];

    [Fact]
    public void Products_are_those_of_columns_in_fours()
    {
        OnEvery(new Unsigned());
        OnEvery(new Signed());
    }

    [Fact]
    public void Products_in_sixteen_bits_are_those_of_even_and_odd_columns() => OnEvery(new Shorts());

    [Fact]
    public void Factors_of_either_half_meet_a_pair() => OnEvery(new Halves());

    private static void OnEvery<TCase>(TCase wanted)
        where TCase : struct, ICase
    {
        if (DotBytes128.IsSupported)
            Check<TCase, DotBytes128, V128>(wanted);
        if (V256.IsSupported)
            Check<TCase, Bytes256, V256>(wanted);
        if (V512.IsSupported)
            Check<TCase, Bytes512, V512>(wanted);
    }

    private static void Check<TCase, TBytes, TLane>(TCase wanted)
        where TCase : struct, ICase
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        float[] got = new float[TBytes.Rows];
        TLane.Store(TBytes.ToFloats(wanted.Of<TBytes, TLane>()), ref got[0]);
        for (int row = 0; row < got.Length; row++)
            Assert.Equal(wanted.Expected(row, TBytes.Rows), got[row]);
    }

    /// <summary>Four registers of numbers: column 4j + i of a row is byte 4 · row + i of the j-th.</summary>
    private static byte[] Numbers(int rows, int least, int range) =>
        [.. Enumerable.Range(0, rows * 16).Select(i => (byte)(sbyte)(least + ((i * 37) % range)))];

    private static int Dot(int row, int rows, int least, int range)
    {
        byte[] numbers = Numbers(rows, least, range);
        return Enumerable.Range(0, 16).Sum(column => (sbyte)numbers[(column / 4 * rows * 4) + (row * 4) + (column % 4)] * s_x[column]);
    }

    private interface ICase
    {
        TBytes Of<TBytes, TLane>()
            where TBytes : unmanaged, IByteLane<TBytes, TLane>
            where TLane : unmanaged, ILane<TLane>;

        float Expected(int row, int rows);
    }

    private readonly struct Unsigned : ICase
    {
        public TBytes Of<TBytes, TLane>()
            where TBytes : unmanaged, IByteLane<TBytes, TLane>
            where TLane : unmanaged, ILane<TLane>
        {
            var c = Read<TBytes, TLane>(0, 32);
            return TBytes.Widen(TBytes.Products(c.C0, c.C1, c.C2, c.C3, in s_x[0], 0), TBytes.Shorts(-5));
        }

        public float Expected(int row, int rows) => -5 * Dot(row, rows, 0, 32);
    }

    private readonly struct Signed : ICase
    {
        public TBytes Of<TBytes, TLane>()
            where TBytes : unmanaged, IByteLane<TBytes, TLane>
            where TLane : unmanaged, ILane<TLane>
        {
            var c = Read<TBytes, TLane>(-128, 256);
            return TBytes.SignedProducts(c.C0, c.C1, c.C2, c.C3, in s_x[0], 0, TBytes.Shorts(3));
        }

        public float Expected(int row, int rows) => 3 * Dot(row, rows, -128, 256);
    }

    private readonly struct Shorts : ICase
    {
        public TBytes Of<TBytes, TLane>()
            where TBytes : unmanaged, IByteLane<TBytes, TLane>
            where TLane : unmanaged, ILane<TLane>
        {
            var c = Read<TBytes, TLane>(-127, 254);
            short[] even = [.. s_x.Where((_, i) => i % 2 == 0)], odd = [.. s_x.Where((_, i) => i % 2 == 1)];
            var seven = TBytes.Shorts(7);
            return TBytes.AddInts(
                TBytes.ShortProducts(TBytes.Evens(c.C0), TBytes.Evens(c.C1), TBytes.Evens(c.C2), TBytes.Evens(c.C3), in even[0], 0),
                TBytes.ShortProducts(
                    TBytes.Times(TBytes.Odds(c.C0), seven), TBytes.Times(TBytes.Odds(c.C1), 7),
                    TBytes.Times(TBytes.Odds(c.C2), seven), TBytes.Times(TBytes.Odds(c.C3), 7), in odd[0], 0));
        }

        public float Expected(int row, int rows)
        {
            byte[] numbers = Numbers(rows, -127, 254);
            return Enumerable.Range(0, 16).Sum(column =>
                (sbyte)numbers[(column / 4 * rows * 4) + (row * 4) + (column % 4)] * s_x[column] * (column % 2 == 0 ? 1 : 7));
        }
    }

    private readonly struct Halves : ICase
    {
        public TBytes Of<TBytes, TLane>()
            where TBytes : unmanaged, IByteLane<TBytes, TLane>
            where TLane : unmanaged, ILane<TLane>
        {
            byte[] codes = Codes(TBytes.Rows);
            short[] pair = [1000, -2000];
            TBytes both = TBytes.Pairs(in codes[0], 0), single = TBytes.Single(in codes[0], 0);
            TBytes parted = TBytes.AddInts(TBytes.Widen(in pair[0], TBytes.Low(both)), TBytes.Widen(in pair[0], TBytes.High(both)));
            return TBytes.SubtractInts(TBytes.AddInts(parted, TBytes.Widen(in pair[0], both)), TBytes.Widen(in pair[0], TBytes.Low(single)));
        }

        public float Expected(int row, int rows)
        {
            byte[] codes = Codes(rows);
            int first = (sbyte)codes[2 * row], second = (sbyte)codes[(2 * row) + 1], single = (sbyte)codes[row];
            return (-1000 * (first + second)) + (1000 * first) - (2000 * second) + (1000 * single);
        }

        private static byte[] Codes(int rows) => Numbers(rows, -128, 256);
    }

    private static Chunks<TBytes> Read<TBytes, TLane>(int least, int range)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        byte[] numbers = Numbers(TBytes.Rows, least, range);
        int register = TBytes.Rows * 4;
        Chunks<TBytes> c = default;
        c.C0 = TBytes.Load(in numbers[0], 0);
        c.C1 = TBytes.Load(in numbers[0], register);
        c.C2 = TBytes.Load(in numbers[0], 2 * register);
        c.C3 = TBytes.Load(in numbers[0], 3 * register);
        return c;
    }
}
