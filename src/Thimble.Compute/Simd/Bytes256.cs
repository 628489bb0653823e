using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thimble.Compute.Simd;

/// <summary>Thirty-two bytes: AVX2.</summary>
internal readonly unsafe struct Bytes256(Vector256<byte> value) : IByteLane<Bytes256, V256>
{
    private readonly Vector256<byte> _value = value;

    public static int Rows => 8;

    public static bool TakesShorts => false;

    private static ReadOnlySpan<byte> Lows => [0, 1, 0, 1, 4, 5, 4, 5, 8, 9, 8, 9, 12, 13, 12, 13];

    private static ReadOnlySpan<byte> Highs => [2, 3, 2, 3, 6, 7, 6, 7, 10, 11, 10, 11, 14, 15, 14, 15];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Load(ref readonly byte source, int at) => new(Vector256.LoadUnsafe(in source, (nuint)at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Field(ref readonly byte source, int at, int right, byte mask)
    {
        Vector256<ushort> pairs = Vector256.LoadUnsafe(in source, (nuint)at).AsUInt16();
        pairs = right > 0 ? pairs >> right : right < 0 ? pairs << -right : pairs;
        return new(pairs.AsByte() & Vector256.Create(mask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 operator |(Bytes256 a, Bytes256 b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Look(ReadOnlySpan<byte> table, Bytes256 indices) =>
        new(Avx2.Shuffle(Everywhere(table), indices._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Shorts(short value) => new(Vector256.Create(value).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Pairs(ref readonly byte source, int at) =>
        new(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(in source, (nuint)at).AsSByte()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Single(ref readonly byte source, int at) =>
        new(Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(in Unsafe.Add(ref Unsafe.AsRef(in source), at))).AsSByte()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Low(Bytes256 pairs) => Order(pairs, Lows);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 High(Bytes256 pairs) => Order(pairs, Highs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Times(Bytes256 shorts, short factor) => new((shorts._value.AsInt16() * factor).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Products(Bytes256 a, Bytes256 b, Bytes256 c, Bytes256 d, ref readonly sbyte x, int at)
    {
        ref int four = ref Unsafe.As<sbyte, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        return new((Two(a, b, ref four) + Two(c, d, ref Unsafe.Add(ref four, 2))).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 WidenProducts(Bytes256 a, Bytes256 b, Bytes256 c, Bytes256 d, ref readonly sbyte x, int at, Bytes256 by)
    {
        ref int four = ref Unsafe.As<sbyte, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        return new((
            Avx2.MultiplyAddAdjacent(Two(a, b, ref four), by._value.AsInt16()) +
            Avx2.MultiplyAddAdjacent(Two(c, d, ref Unsafe.Add(ref four, 2)), by._value.AsInt16())).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 SignedProducts(Bytes256 a, Bytes256 b, Bytes256 c, Bytes256 d, ref readonly sbyte x, int at, Bytes256 by)
    {
        ref int four = ref Unsafe.As<sbyte, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        return new((
            (Signed(a._value, four, by) + Signed(b._value, Unsafe.Add(ref four, 1), by)) +
            (Signed(c._value, Unsafe.Add(ref four, 2), by) + Signed(d._value, Unsafe.Add(ref four, 3), by))).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Evens(Bytes256 bytes) => new(((bytes._value.AsInt16() << 8) >> 8).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Odds(Bytes256 bytes) => new((bytes._value.AsInt16() >> 8).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Times(Bytes256 shorts, Bytes256 factors) => new((shorts._value.AsInt16() * factors._value.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 ShortProducts(Bytes256 a, Bytes256 b, Bytes256 c, Bytes256 d, ref readonly short x, int at)
    {
        ref int two = ref Unsafe.As<short, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        return new((
            (Avx2.MultiplyAddAdjacent(Vector256.Create(two).AsInt16(), a._value.AsInt16()) +
             Avx2.MultiplyAddAdjacent(Vector256.Create(Unsafe.Add(ref two, 1)).AsInt16(), b._value.AsInt16())) +
            (Avx2.MultiplyAddAdjacent(Vector256.Create(Unsafe.Add(ref two, 2)).AsInt16(), c._value.AsInt16()) +
             Avx2.MultiplyAddAdjacent(Vector256.Create(Unsafe.Add(ref two, 3)).AsInt16(), d._value.AsInt16()))).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Widen(Bytes256 a, Bytes256 b, Bytes256 by) =>
        new(Avx2.MultiplyAddAdjacent(a._value.AsInt16() + b._value.AsInt16(), by._value.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Widen(Bytes256 sums, Bytes256 by) =>
        new(Avx2.MultiplyAddAdjacent(sums._value.AsInt16(), by._value.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Widen(ref readonly short pair, Bytes256 by) =>
        new(Avx2.MultiplyAddAdjacent(Vector256.Create(Unsafe.As<short, int>(ref Unsafe.AsRef(in pair))).AsInt16(), by._value.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 AddInts(Bytes256 a, Bytes256 b) => new((a._value.AsInt32() + b._value.AsInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 SubtractInts(Bytes256 a, Bytes256 b) => new((a._value.AsInt32() - b._value.AsInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 ToFloats(Bytes256 ints) => new(Vector256.ConvertToSingle(ints._value.AsInt32()));

    /// <summary>Products of two registers with eight bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Two(Bytes256 a, Bytes256 b, ref int four) =>
        Avx2.MultiplyAddAdjacent(a._value, Vector256.Create(four).AsSByte()) +
        Avx2.MultiplyAddAdjacent(b._value, Vector256.Create(Unsafe.Add(ref four, 1)).AsSByte());

    /// <summary>Products of a register of signed numbers with four bytes: the sign goes over to these, and 128 · 127 · 2 fits 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Signed(Vector256<byte> w, int four, Bytes256 by)
    {
        Vector256<sbyte> x = Vector256.Create(four).AsSByte();
        return Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Avx2.Abs(w.AsSByte()), Avx2.Sign(x, w.AsSByte())), by._value.AsInt16());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Bytes256 Order(Bytes256 bytes, ReadOnlySpan<byte> order) =>
        new(Avx2.Shuffle(bytes._value, Everywhere(order)));

    /// <summary>A table of 16 bytes in each half. Tables are constants of the program: they do not move.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Everywhere(ReadOnlySpan<byte> table) =>
        Avx2.BroadcastVector128ToVector256((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(table)));
}
