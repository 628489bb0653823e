using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thimble.Compute.Simd;

/// <summary>Sixty-four bytes: AVX-512 BW.</summary>
internal readonly unsafe struct Bytes512(Vector512<byte> value) : IByteLane<Bytes512, V512>
{
    private readonly Vector512<byte> _value = value;

    public static int Rows => 16;

    public static bool TakesShorts => true;

    private static ReadOnlySpan<byte> Lows => [0, 1, 0, 1, 4, 5, 4, 5, 8, 9, 8, 9, 12, 13, 12, 13];

    private static ReadOnlySpan<byte> Highs => [2, 3, 2, 3, 6, 7, 6, 7, 10, 11, 10, 11, 14, 15, 14, 15];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Load(ref readonly byte source, int at) => new(Vector512.LoadUnsafe(in source, (nuint)at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Field(ref readonly byte source, int at, int right, byte mask)
    {
        Vector512<ushort> pairs = Vector512.LoadUnsafe(in source, (nuint)at).AsUInt16();
        pairs = right > 0 ? pairs >> right : right < 0 ? pairs << -right : pairs;
        return new(pairs.AsByte() & Vector512.Create(mask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 operator |(Bytes512 a, Bytes512 b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Look(ReadOnlySpan<byte> table, Bytes512 indices) =>
        new(Avx512BW.Shuffle(Everywhere(table), indices._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Shorts(short value) => new(Vector512.Create(value).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Pairs(ref readonly byte source, int at) =>
        new(Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(in source, (nuint)at).AsSByte()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Single(ref readonly byte source, int at) =>
        new(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(in source, (nuint)at).AsSByte()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Low(Bytes512 pairs) => Order(pairs, Lows);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 High(Bytes512 pairs) => Order(pairs, Highs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Times(Bytes512 shorts, short factor) => new((shorts._value.AsInt16() * factor).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Products(Bytes512 a, Bytes512 b, Bytes512 c, Bytes512 d, ref readonly sbyte x, int at)
    {
        ref int four = ref Unsafe.As<sbyte, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        return new((Two(a, b, ref four) + Two(c, d, ref Unsafe.Add(ref four, 2))).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 WidenProducts(Bytes512 a, Bytes512 b, Bytes512 c, Bytes512 d, ref readonly sbyte x, int at, Bytes512 by)
    {
        ref int four = ref Unsafe.As<sbyte, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        return new((
            Avx512BW.MultiplyAddAdjacent(Two(a, b, ref four), by._value.AsInt16()) +
            Avx512BW.MultiplyAddAdjacent(Two(c, d, ref Unsafe.Add(ref four, 2)), by._value.AsInt16())).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 SignedProducts(Bytes512 a, Bytes512 b, Bytes512 c, Bytes512 d, ref readonly sbyte x, int at, Bytes512 by)
    {
        ref int four = ref Unsafe.As<sbyte, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        return new((
            (Signed(a._value, four, by) + Signed(b._value, Unsafe.Add(ref four, 1), by)) +
            (Signed(c._value, Unsafe.Add(ref four, 2), by) + Signed(d._value, Unsafe.Add(ref four, 3), by))).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Evens(Bytes512 bytes) => new(((bytes._value.AsInt16() << 8) >> 8).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Odds(Bytes512 bytes) => new((bytes._value.AsInt16() >> 8).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Times(Bytes512 shorts, Bytes512 factors) => new((shorts._value.AsInt16() * factors._value.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 ShortProducts(Bytes512 a, Bytes512 b, Bytes512 c, Bytes512 d, ref readonly short x, int at)
    {
        ref int two = ref Unsafe.As<short, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        return new((
            (Avx512BW.MultiplyAddAdjacent(Vector512.Create(two).AsInt16(), a._value.AsInt16()) +
             Avx512BW.MultiplyAddAdjacent(Vector512.Create(Unsafe.Add(ref two, 1)).AsInt16(), b._value.AsInt16())) +
            (Avx512BW.MultiplyAddAdjacent(Vector512.Create(Unsafe.Add(ref two, 2)).AsInt16(), c._value.AsInt16()) +
             Avx512BW.MultiplyAddAdjacent(Vector512.Create(Unsafe.Add(ref two, 3)).AsInt16(), d._value.AsInt16()))).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Widen(Bytes512 a, Bytes512 b, Bytes512 by) =>
        new(Avx512BW.MultiplyAddAdjacent(a._value.AsInt16() + b._value.AsInt16(), by._value.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Widen(Bytes512 sums, Bytes512 by) =>
        new(Avx512BW.MultiplyAddAdjacent(sums._value.AsInt16(), by._value.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Widen(ref readonly short pair, Bytes512 by) =>
        new(Avx512BW.MultiplyAddAdjacent(Vector512.Create(Unsafe.As<short, int>(ref Unsafe.AsRef(in pair))).AsInt16(), by._value.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 AddInts(Bytes512 a, Bytes512 b) => new((a._value.AsInt32() + b._value.AsInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 SubtractInts(Bytes512 a, Bytes512 b) => new((a._value.AsInt32() - b._value.AsInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 ToFloats(Bytes512 ints) => new(Vector512.ConvertToSingle(ints._value.AsInt32()));

    /// <summary>Products of two registers with eight bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Two(Bytes512 a, Bytes512 b, ref int four) =>
        Avx512BW.MultiplyAddAdjacent(a._value, Vector512.Create(four).AsSByte()) +
        Avx512BW.MultiplyAddAdjacent(b._value, Vector512.Create(Unsafe.Add(ref four, 1)).AsSByte());

    /// <summary>Products of a register of signed numbers with four bytes: the sign goes over to these, and 128 · 127 · 2 fits 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Signed(Vector512<byte> w, int four, Bytes512 by)
    {
        Vector512<sbyte> x = Vector512.Create(four).AsSByte();
        return Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Abs(w.AsSByte()).AsByte(), Vector512.ConditionalSelect(Vector512.LessThan(w.AsSByte(), Vector512<sbyte>.Zero), Vector512<sbyte>.Zero - x, x)), by._value.AsInt16());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Bytes512 Order(Bytes512 bytes, ReadOnlySpan<byte> order) =>
        new(Avx512BW.Shuffle(bytes._value, Everywhere(order)));

    /// <summary>A table of 16 bytes in each quarter. Tables are constants of the program: they do not move.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Everywhere(ReadOnlySpan<byte> table) =>
        Avx512F.BroadcastVector128ToVector512((int*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(table))).AsByte();
}
