using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thimble.Compute.Simd;

/// <summary>Thirty-two bytes: AVX2.</summary>
internal readonly struct Bytes256(Vector256<byte> value) : IByteLane<Bytes256, V256>
{
    private readonly Vector256<byte> _value = value;

    public static int Rows => 8;

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
        new(Avx2.Shuffle(Vector256.Create(Vector128.Create(table)), indices._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Products(Bytes256 a, Bytes256 b, ref readonly sbyte x, int at)
    {
        ref int four = ref Unsafe.As<sbyte, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        return new((
            Avx2.MultiplyAddAdjacent(a._value, Vector256.Create(four).AsSByte()) +
            Avx2.MultiplyAddAdjacent(b._value, Vector256.Create(Unsafe.Add(ref four, 1)).AsSByte())).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Products(Bytes256 a, Bytes256 b, Bytes256 c, Bytes256 d, ref readonly sbyte x, int at)
    {
        ref int four = ref Unsafe.As<sbyte, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        Vector256<short> ab =
            Avx2.MultiplyAddAdjacent(a._value, Vector256.Create(four).AsSByte()) +
            Avx2.MultiplyAddAdjacent(b._value, Vector256.Create(Unsafe.Add(ref four, 1)).AsSByte());
        Vector256<short> cd =
            Avx2.MultiplyAddAdjacent(c._value, Vector256.Create(Unsafe.Add(ref four, 2)).AsSByte()) +
            Avx2.MultiplyAddAdjacent(d._value, Vector256.Create(Unsafe.Add(ref four, 3)).AsSByte());
        return new((ab + cd).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Widen(Bytes256 a, Bytes256 b) =>
        new(Avx2.MultiplyAddAdjacent(a._value.AsInt16() + b._value.AsInt16(), Vector256<short>.One).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 Widen(Bytes256 shorts) =>
        new(Avx2.MultiplyAddAdjacent(shorts._value.AsInt16(), Vector256<short>.One).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bytes256 AddInts(Bytes256 a, Bytes256 b, int shift) =>
        new((a._value.AsInt32() + (shift == 0 ? b._value.AsInt32() : b._value.AsInt32() << shift)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 ToFloats(Bytes256 ints, int less) =>
        new(Vector256.ConvertToSingle(ints._value.AsInt32() - Vector256.Create(less)));
}
