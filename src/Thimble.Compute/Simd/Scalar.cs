using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Thimble.Compute.Simd;

/// <summary>One float: the reference that every other register is tested against.</summary>
internal readonly struct Scalar(float value) : ILane<Scalar>
{
    private readonly float _value = value;

    public static bool IsSupported => true;

    public static int Count => 1;

    public static Scalar Fill(float value) => new(value);

    public static Scalar Load(ref readonly float source) => new(source);

    public static Scalar LoadHalf(ref readonly ushort source) => new(HalfFloat.Widen(source));

    public static Scalar LoadBFloat(ref readonly ushort source) => new(HalfFloat.WidenBFloat(source));

    public static Scalar LoadLowHalves(ref readonly uint pairs) => new(BitConverter.Int32BitsToSingle(((int)(pairs << 16) >> 3) & unchecked((int)0x8FFFE000)));

    public static Scalar LoadHighHalves(ref readonly uint pairs) => new(BitConverter.Int32BitsToSingle(((int)pairs >> 3) & unchecked((int)0x8FFFE000)));

    public static Scalar LoadLowBFloats(ref readonly uint pairs) => new(BitConverter.UInt32BitsToSingle(pairs << 16));

    public static Scalar LoadHighBFloats(ref readonly uint pairs) => new(BitConverter.UInt32BitsToSingle(pairs & 0xFFFF0000));

    public static Scalar LoadBytes(ref readonly sbyte source) => new(source);

    public static void Store(Scalar value, ref float target) => target = value._value;

    public static void StoreBytes(Scalar value, ref sbyte target) => target = (sbyte)value._value;

    public static Scalar operator +(Scalar a, Scalar b) => new(a._value + b._value);

    public static Scalar operator -(Scalar a, Scalar b) => new(a._value - b._value);

    public static Scalar operator *(Scalar a, Scalar b) => new(a._value * b._value);

    public static Scalar operator /(Scalar a, Scalar b) => new(a._value / b._value);

    public static Scalar MultiplyAdd(Scalar a, Scalar b, Scalar c) =>
        new(MultiplyAdd(a._value, b._value, c._value));

    /// <summary><c>a · b + c</c>, rounded as the machine's registers round it, so that a tail gets the bits a register would give.</summary>
    public static float MultiplyAdd(float a, float b, float c) =>
        Fma.IsSupported || AdvSimd.IsSupported ? MathF.FusedMultiplyAdd(a, b, c) : (a * b) + c;

    public static Scalar Max(Scalar a, Scalar b) => new(MathF.Max(a._value, b._value));

    public static Scalar Min(Scalar a, Scalar b) => new(MathF.Min(a._value, b._value));

    public static Scalar Abs(Scalar a) => new(MathF.Abs(a._value));

    public static Scalar Round(Scalar a) => new(MathF.Round(a._value));

    public static Scalar Scale(Scalar a, Scalar power) =>
        new(a._value * BitConverter.Int32BitsToSingle(((int)power._value + 127) << 23));

    public static Scalar Sqrt(Scalar a) => new(MathF.Sqrt(a._value));

    public static float Sum(Scalar a) => a._value;

    public static float Max(Scalar a) => a._value;

    public static Scalar Dot32(ref readonly sbyte a, ref readonly sbyte b) => Dot(in a, in b, 32);

    public static Scalar Dot16(ref readonly sbyte a, ref readonly sbyte b) => Dot(in a, in b, 16);

    private static Scalar Dot(ref readonly sbyte a, ref readonly sbyte b, int length)
    {
        int sum = 0;
        for (int i = 0; i < length; i++)
            sum += Unsafe.Add(ref Unsafe.AsRef(in a), i) * Unsafe.Add(ref Unsafe.AsRef(in b), i);
        return new(sum);
    }
}
