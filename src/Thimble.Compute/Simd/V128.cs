using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Thimble.Compute.Simd;

/// <summary>Four floats: NEON, SSE4.1, and whatever else .NET maps to 128 bits.</summary>
internal readonly struct V128(Vector128<float> value) : ILane<V128>
{
    private readonly Vector128<float> _value = value;

    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    public static int Count => 4;

    public static V128 Fill(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Load(ref readonly float source) => new(Vector128.LoadUnsafe(in source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 LoadHalf(ref readonly ushort source)
    {
        var bits = Vector128.WidenLower(Vector64.LoadUnsafe(in source).ToVector128Unsafe().AsInt16());
        // The sign was spread over the upper half: of its copies only the topmost stays.
        return new(((bits << 13) & Vector128.Create(unchecked((int)0x8FFFFFFF))).AsSingle() * Vector128.Create(5.192296858534828e33f));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 LoadBFloat(ref readonly ushort source) =>
        new((Vector128.WidenLower(Vector64.LoadUnsafe(in source).ToVector128Unsafe().AsInt16()) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 LoadLowHalves(ref readonly uint pairs) =>
        new((((Vector128.LoadUnsafe(in pairs).AsInt32() << 16) >> 3) & Vector128.Create(unchecked((int)0x8FFFE000))).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 LoadHighHalves(ref readonly uint pairs) =>
        new(((Vector128.LoadUnsafe(in pairs).AsInt32() >> 3) & Vector128.Create(unchecked((int)0x8FFFE000))).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 LoadLowBFloats(ref readonly uint pairs) => new((Vector128.LoadUnsafe(in pairs) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 LoadHighBFloats(ref readonly uint pairs) =>
        new((Vector128.LoadUnsafe(in pairs) & Vector128.Create(0xFFFF0000)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 LoadBytes(ref readonly sbyte source) =>
        new(Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<int>(ref Unsafe.As<sbyte, byte>(ref Unsafe.AsRef(in source)))).AsSByte()))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V128 value, ref float target) => value._value.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(V128 value, ref sbyte target)
    {
        var narrow = Vector128.Narrow(Vector128.ConvertToInt32(value._value), Vector128<int>.Zero);
        var bytes = Vector128.Narrow(narrow, narrow);
        Unsafe.WriteUnaligned(ref Unsafe.As<sbyte, byte>(ref target), bytes.AsInt32().ToScalar());
    }

    public static V128 operator +(V128 a, V128 b) => new(a._value + b._value);

    public static V128 operator -(V128 a, V128 b) => new(a._value - b._value);

    public static V128 operator *(V128 a, V128 b) => new(a._value * b._value);

    public static V128 operator /(V128 a, V128 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 MultiplyAdd(V128 a, V128 b, V128 c) =>
        new(Vector128.MultiplyAddEstimate(a._value, b._value, c._value));

    public static V128 Max(V128 a, V128 b) => new(Vector128.Max(a._value, b._value));

    public static V128 Min(V128 a, V128 b) => new(Vector128.Min(a._value, b._value));

    public static V128 Abs(V128 a) => new(Vector128.Abs(a._value));

    public static V128 Round(V128 a) => new(Vector128.Round(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Scale(V128 a, V128 power) =>
        new(a._value * ((Vector128.ConvertToInt32Native(power._value) + Vector128.Create(127)) << 23).AsSingle());

    public static V128 Sqrt(V128 a) => new(Vector128.Sqrt(a._value));

    public static float Sum(V128 a) => Vector128.Sum(a._value);

    public static float Max(V128 a)
    {
        var pairs = Vector128.Max(a._value, Vector128.Shuffle(a._value, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(pairs.ToScalar(), pairs.GetElement(1));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Dot32(ref readonly sbyte a, ref readonly sbyte b)
    {
        if (Dp.IsSupported)
        {
            Vector128<int> first = Dp.DotProduct(Vector128<int>.Zero, Vector128.LoadUnsafe(in a), Vector128.LoadUnsafe(in b));
            return new(Vector128.ConvertToSingle(Dp.DotProduct(first, Vector128.LoadUnsafe(in a, 16), Vector128.LoadUnsafe(in b, 16))));
        }

        var sum = Vector128<int>.Zero;
        for (nuint i = 0; i < 32; i += 16)
        {
            Vector128<sbyte> va = Vector128.LoadUnsafe(in a, i), vb = Vector128.LoadUnsafe(in b, i);
            // A product of two bytes fits 16 bits; two of them do not, hence the widening before the addition.
            Vector128<short> low = Vector128.WidenLower(va) * Vector128.WidenLower(vb);
            Vector128<short> high = Vector128.WidenUpper(va) * Vector128.WidenUpper(vb);
            sum += Vector128.WidenLower(low) + Vector128.WidenUpper(low) + Vector128.WidenLower(high) + Vector128.WidenUpper(high);
        }

        return new(Vector128.ConvertToSingle(sum));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Dot16(ref readonly sbyte a, ref readonly sbyte b)
    {
        Vector128<sbyte> va = Vector128.LoadUnsafe(in a), vb = Vector128.LoadUnsafe(in b);
        if (Dp.IsSupported)
            return new(Vector128.ConvertToSingle(Dp.DotProduct(Vector128<int>.Zero, va, vb)));

        Vector128<short> low = Vector128.WidenLower(va) * Vector128.WidenLower(vb);
        Vector128<short> high = Vector128.WidenUpper(va) * Vector128.WidenUpper(vb);
        return new(Vector128.ConvertToSingle(
            Vector128.WidenLower(low) + Vector128.WidenUpper(low) + Vector128.WidenLower(high) + Vector128.WidenUpper(high)));
    }
}
