using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thimble.Compute.Simd;

/// <summary>Sixty-four bytes: AVX-512 BW.</summary>
internal readonly struct Bytes512(Vector512<byte> value) : IByteLane<Bytes512, V512>
{
    private readonly Vector512<byte> _value = value;

    public static int Rows => 16;

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
        new(Avx512BW.Shuffle(Vector512.Create(Vector256.Create(Vector128.Create(table))), indices._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Products(Bytes512 a, Bytes512 b, ref readonly sbyte x, int at)
    {
        ref int four = ref Unsafe.As<sbyte, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        return new((
            Avx512BW.MultiplyAddAdjacent(a._value, Vector512.Create(four).AsSByte()) +
            Avx512BW.MultiplyAddAdjacent(b._value, Vector512.Create(Unsafe.Add(ref four, 1)).AsSByte())).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Products(Bytes512 a, Bytes512 b, Bytes512 c, Bytes512 d, ref readonly sbyte x, int at)
    {
        ref int four = ref Unsafe.As<sbyte, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        Vector512<short> ab =
            Avx512BW.MultiplyAddAdjacent(a._value, Vector512.Create(four).AsSByte()) +
            Avx512BW.MultiplyAddAdjacent(b._value, Vector512.Create(Unsafe.Add(ref four, 1)).AsSByte());
        Vector512<short> cd =
            Avx512BW.MultiplyAddAdjacent(c._value, Vector512.Create(Unsafe.Add(ref four, 2)).AsSByte()) +
            Avx512BW.MultiplyAddAdjacent(d._value, Vector512.Create(Unsafe.Add(ref four, 3)).AsSByte());
        return new((ab + cd).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Widen(Bytes512 a, Bytes512 b) =>
        new(Avx512BW.MultiplyAddAdjacent(a._value.AsInt16() + b._value.AsInt16(), Vector512<short>.One).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 Widen(Bytes512 shorts) =>
        new(Avx512BW.MultiplyAddAdjacent(shorts._value.AsInt16(), Vector512<short>.One).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes512 AddInts(Bytes512 a, Bytes512 b, int shift) =>
        new((a._value.AsInt32() + (shift == 0 ? b._value.AsInt32() : b._value.AsInt32() << shift)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 ToFloats(Bytes512 ints, int less) =>
        new(Vector512.ConvertToSingle(ints._value.AsInt32() - Vector512.Create(less)));
}
