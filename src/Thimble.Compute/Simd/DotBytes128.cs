using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Thimble.Compute.Simd;

/// <summary>Sixteen bytes: NEON with dot products.</summary>
/// <remarks>Four products a row are added to 32 bits in one instruction, signs and all: partial sums have 32 bits, and numbers
/// without a sign, which are below 128, go the same way as those with one.</remarks>
internal readonly struct DotBytes128(Vector128<byte> value) : IByteLane<DotBytes128, V128>
{
    private readonly Vector128<byte> _value = value;

    /// <summary>Whether this machine has dot products of bytes: ARMv8.4, and most of 8.2.</summary>
    public static bool IsSupported => AdvSimd.Arm64.IsSupported && Dp.IsSupported;

    public static int Rows => 4;

    public static bool TakesShorts => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Load(ref readonly byte source, int at) => new(Vector128.LoadUnsafe(in source, (nuint)at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Field(ref readonly byte source, int at, int right, byte mask)
    {
        // Bytes can be shifted alone: often nothing but the field is left, and no mask is needed.
        var bytes = Vector128.LoadUnsafe(in source, (nuint)at);
        bytes = right > 0 ? bytes >>> right : right < 0 ? bytes << -right : bytes;
        byte left = (byte)(right > 0 ? 0xFF >> right : 0xFF << -right);
        return new(mask == left ? bytes : bytes & Vector128.Create(mask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 operator |(DotBytes128 a, DotBytes128 b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Look(ReadOnlySpan<byte> table, DotBytes128 indices) =>
        new(AdvSimd.Arm64.VectorTableLookup(Vector128.LoadUnsafe(in MemoryMarshal.GetReference(table)), indices._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Shorts(short value) => new(Vector128.Create(value).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Pairs(ref readonly byte source, int at) =>
        new(AdvSimd.SignExtendWideningLower(Vector64.LoadUnsafe(in source, (nuint)at).AsSByte()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Single(ref readonly byte source, int at)
    {
        int four = Unsafe.ReadUnaligned<int>(in Unsafe.Add(ref Unsafe.AsRef(in source), at));
        Vector128<short> shorts = AdvSimd.SignExtendWideningLower(Vector64.CreateScalarUnsafe(four).AsSByte());
        return new(AdvSimd.SignExtendWideningLower(shorts.GetLower()).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Low(DotBytes128 pairs) => new(AdvSimd.Arm64.TransposeEven(pairs._value.AsInt16(), pairs._value.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 High(DotBytes128 pairs) => new(AdvSimd.Arm64.TransposeOdd(pairs._value.AsInt16(), pairs._value.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Times(DotBytes128 shorts, short factor) => new((shorts._value.AsInt16() * factor).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Products(DotBytes128 a, DotBytes128 b, DotBytes128 c, DotBytes128 d, ref readonly sbyte x, int at)
    {
        var sixteen = Vector128.LoadUnsafe(in x, (nuint)at);
        Vector128<int> sum = Dp.DotProductBySelectedQuadruplet(Vector128<int>.Zero, a._value.AsSByte(), sixteen, 0);
        sum = Dp.DotProductBySelectedQuadruplet(sum, b._value.AsSByte(), sixteen, 1);
        sum = Dp.DotProductBySelectedQuadruplet(sum, c._value.AsSByte(), sixteen, 2);
        return new(Dp.DotProductBySelectedQuadruplet(sum, d._value.AsSByte(), sixteen, 3).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 WidenProducts(DotBytes128 a, DotBytes128 b, DotBytes128 c, DotBytes128 d, ref readonly sbyte x, int at, DotBytes128 by) =>
        Widen(Products(a, b, c, d, in x, at), by);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 SignedProducts(DotBytes128 a, DotBytes128 b, DotBytes128 c, DotBytes128 d, ref readonly sbyte x, int at, DotBytes128 by) =>
        Widen(Products(a, b, c, d, in x, at), by);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Evens(DotBytes128 bytes) => new(((bytes._value.AsInt16() << 8) >> 8).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Odds(DotBytes128 bytes) => new((bytes._value.AsInt16() >> 8).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Times(DotBytes128 shorts, DotBytes128 factors) => new((shorts._value.AsInt16() * factors._value.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 ShortProducts(DotBytes128 a, DotBytes128 b, DotBytes128 c, DotBytes128 d, ref readonly short x, int at)
    {
        ref int two = ref Unsafe.As<short, int>(ref Unsafe.Add(ref Unsafe.AsRef(in x), at));
        return new((
            (Two(a, Unsafe.Add(ref two, 0)) + Two(b, Unsafe.Add(ref two, 1))) +
            (Two(c, Unsafe.Add(ref two, 2)) + Two(d, Unsafe.Add(ref two, 3)))).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Widen(DotBytes128 a, DotBytes128 b, DotBytes128 by) =>
        new(((a._value.AsInt32() + b._value.AsInt32()) * (by._value.AsInt32() >> 16)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Widen(DotBytes128 sums, DotBytes128 by) => new((sums._value.AsInt32() * (by._value.AsInt32() >> 16)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 Widen(ref readonly short pair, DotBytes128 by) => new(Two(by, Unsafe.As<short, int>(ref Unsafe.AsRef(in pair))).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 AddInts(DotBytes128 a, DotBytes128 b) => new((a._value.AsInt32() + b._value.AsInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotBytes128 SubtractInts(DotBytes128 a, DotBytes128 b) => new((a._value.AsInt32() - b._value.AsInt32()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 ToFloats(DotBytes128 ints) => new(Vector128.ConvertToSingle(ints._value.AsInt32()));

    /// <summary>Each row's two 16-bit numbers times the same two, added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Two(DotBytes128 shorts, int pair)
    {
        Vector128<short> x = Vector128.Create(pair).AsInt16(), w = shorts._value.AsInt16();
        return AdvSimd.Arm64.AddPairwise(AdvSimd.MultiplyWideningLower(w.GetLower(), x.GetLower()), AdvSimd.MultiplyWideningUpper(w, x));
    }
}
