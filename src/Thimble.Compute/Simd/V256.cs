using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thimble.Compute.Simd;

/// <summary>Eight floats: AVX2 with FMA.</summary>
internal readonly struct V256(Vector256<float> value) : ILane<V256>
{
    private readonly Vector256<float> _value = value;

    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    public static int Count => 8;

    public static V256 Fill(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Load(ref readonly float source) => new(Vector256.LoadUnsafe(in source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 LoadHalf(ref readonly ushort source)
    {
        Vector256<int> bits = Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(in source).AsInt16());
        // The sign was spread over the upper half: of its copies only the topmost stays.
        return new(((bits << 13) & Vector256.Create(unchecked((int)0x8FFFFFFF))).AsSingle() * Vector256.Create(5.192296858534828e33f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 LoadBFloat(ref readonly ushort source) =>
        new((Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(in source).AsInt16()) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 LoadLowHalves(ref readonly uint pairs) =>
        new((((Vector256.LoadUnsafe(in pairs).AsInt32() << 16) >> 3) & Vector256.Create(unchecked((int)0x8FFFE000))).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 LoadHighHalves(ref readonly uint pairs) =>
        new(((Vector256.LoadUnsafe(in pairs).AsInt32() >> 3) & Vector256.Create(unchecked((int)0x8FFFE000))).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 LoadLowBFloats(ref readonly uint pairs) => new((Vector256.LoadUnsafe(in pairs) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 LoadHighBFloats(ref readonly uint pairs) =>
        new((Vector256.LoadUnsafe(in pairs) & Vector256.Create(0xFFFF0000)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 LoadBytes(ref readonly sbyte source) =>
        new(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(ref Unsafe.As<sbyte, byte>(ref Unsafe.AsRef(in source)))).AsSByte())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V256 value, ref float target) => value._value.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(V256 value, ref sbyte target)
    {
        var whole = Vector256.ConvertToInt32(value._value);
        Vector128<short> narrow = Sse2.PackSignedSaturate(whole.GetLower(), whole.GetUpper());
        Unsafe.WriteUnaligned(ref Unsafe.As<sbyte, byte>(ref target), Sse2.PackSignedSaturate(narrow, narrow).AsInt64().ToScalar());
    }

    public static V256 operator +(V256 a, V256 b) => new(a._value + b._value);

    public static V256 operator -(V256 a, V256 b) => new(a._value - b._value);

    public static V256 operator *(V256 a, V256 b) => new(a._value * b._value);

    public static V256 operator /(V256 a, V256 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 MultiplyAdd(V256 a, V256 b, V256 c) =>
        new(Vector256.FusedMultiplyAdd(a._value, b._value, c._value));

    public static V256 Max(V256 a, V256 b) => new(Vector256.Max(a._value, b._value));

    public static V256 Min(V256 a, V256 b) => new(Vector256.Min(a._value, b._value));

    public static V256 Abs(V256 a) => new(Vector256.Abs(a._value));

    public static V256 Round(V256 a) => new(Vector256.Round(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Scale(V256 a, V256 power) =>
        new(a._value * ((Vector256.ConvertToInt32Native(power._value) + Vector256.Create(127)) << 23).AsSingle());

    public static V256 Sqrt(V256 a) => new(Vector256.Sqrt(a._value));

    public static float Sum(V256 a) => Vector256.Sum(a._value);

    public static float Max(V256 a) => V128.Max(new(Vector128.Max(a._value.GetLower(), a._value.GetUpper())));

    /// <inheritdoc />
    /// <remarks>vpmaddubsw wants one unsigned operand: |a| · (b signed like a) = a · b. Fails only for a = −128,
    /// which no encoder emits (they clamp to ±127).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Dot32(ref readonly sbyte a, ref readonly sbyte b)
    {
        Vector256<sbyte> va = Vector256.LoadUnsafe(in a), vb = Vector256.LoadUnsafe(in b);
        Vector256<short> pairs = Avx2.MultiplyAddAdjacent(Avx2.Abs(va), Avx2.Sign(vb, va));
        return new(Vector256.ConvertToSingle(Avx2.MultiplyAddAdjacent(pairs, Vector256<short>.One)));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Dot16(ref readonly sbyte a, ref readonly sbyte b)
    {
        Vector256<short> va = Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(in a));
        Vector256<short> vb = Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(in b));
        return new(Vector256.ConvertToSingle(Avx2.MultiplyAddAdjacent(va, vb)));
    }
}
