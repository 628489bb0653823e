using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thimble.Compute.Simd;

/// <summary>Sixteen floats: AVX-512 F, BW and DQ.</summary>
internal readonly struct V512(Vector512<float> value) : ILane<V512>
{
    private readonly Vector512<float> _value = value;

    public static bool IsSupported => Avx512BW.IsSupported && Avx512DQ.IsSupported && Vector512.IsHardwareAccelerated;

    public static int Count => 16;

    public static V512 Fill(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Load(ref readonly float source) => new(Vector512.LoadUnsafe(in source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 LoadHalf(ref readonly ushort source)
    {
        Vector512<int> bits = Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(in source).AsInt16());
        // The sign was spread over the upper half: of its copies only the topmost stays.
        return new(((bits << 13) & Vector512.Create(unchecked((int)0x8FFFFFFF))).AsSingle() * Vector512.Create(5.192296858534828e33f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 LoadBFloat(ref readonly ushort source) =>
        new((Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(in source).AsInt16()) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 LoadLowHalves(ref readonly uint pairs) =>
        new((((Vector512.LoadUnsafe(in pairs).AsInt32() << 16) >> 3) & Vector512.Create(unchecked((int)0x8FFFE000))).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 LoadHighHalves(ref readonly uint pairs) =>
        new(((Vector512.LoadUnsafe(in pairs).AsInt32() >> 3) & Vector512.Create(unchecked((int)0x8FFFE000))).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 LoadLowBFloats(ref readonly uint pairs) => new((Vector512.LoadUnsafe(in pairs) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 LoadHighBFloats(ref readonly uint pairs) =>
        new((Vector512.LoadUnsafe(in pairs) & Vector512.Create(0xFFFF0000)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 LoadBytes(ref readonly sbyte source) =>
        new(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(in source))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V512 value, ref float target) => value._value.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(V512 value, ref sbyte target)
    {
        Avx512F.ConvertToVector128SByte(Vector512.ConvertToInt32(value._value)).StoreUnsafe(ref target);
    }

    public static V512 operator +(V512 a, V512 b) => new(a._value + b._value);

    public static V512 operator -(V512 a, V512 b) => new(a._value - b._value);

    public static V512 operator *(V512 a, V512 b) => new(a._value * b._value);

    public static V512 operator /(V512 a, V512 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 MultiplyAdd(V512 a, V512 b, V512 c) =>
        new(Vector512.FusedMultiplyAdd(a._value, b._value, c._value));

    public static V512 Max(V512 a, V512 b) => new(Vector512.Max(a._value, b._value));

    public static V512 Min(V512 a, V512 b) => new(Vector512.Min(a._value, b._value));

    public static V512 Abs(V512 a) => new(Vector512.Abs(a._value));

    public static V512 Round(V512 a) => new(Vector512.Round(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Scale(V512 a, V512 power) =>
        new(a._value * ((Vector512.ConvertToInt32Native(power._value) + Vector512.Create(127)) << 23).AsSingle());

    public static V512 Sqrt(V512 a) => new(Vector512.Sqrt(a._value));

    public static float Sum(V512 a) => Vector512.Sum(a._value);

    public static float Max(V512 a) => V256.Max(new(Vector256.Max(a._value.GetLower(), a._value.GetUpper())));

    /// <inheritdoc />
    /// <remarks>Thirty-two bytes widened fill one register of shorts, so no sign trick is needed.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Dot32(ref readonly sbyte a, ref readonly sbyte b)
    {
        Vector512<short> va = Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(in a));
        Vector512<short> vb = Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(in b));
        return new(Vector512.ConvertToSingle(Avx512BW.MultiplyAddAdjacent(va, vb)));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Dot16(ref readonly sbyte a, ref readonly sbyte b)
    {
        Vector256<short> va = Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(in a));
        Vector256<short> vb = Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(in b));
        return new(Vector512.ConvertToSingle(Avx2.MultiplyAddAdjacent(va, vb).ToVector512()));
    }
}
