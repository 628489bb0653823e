using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Memory;

/// <summary>A number stored by itself.</summary>
internal interface ICell<TSelf>
    where TSelf : unmanaged, ICell<TSelf>
{
    /// <summary>The name ggml prints.</summary>
    static abstract string Name { get; }

    /// <summary>The most rows that meet such numbers as they lie: reading them must cost less than a trip through scratch memory.</summary>
    static abstract int DirectRows { get; }

    /// <summary>The nearest stored number.</summary>
    static abstract TSelf From(float value);

    /// <summary>Reads a register of numbers.</summary>
    static abstract TLane Load<TLane>(ref readonly TSelf source)
        where TLane : unmanaged, ILane<TLane>;
}

/// <summary>A 32-bit float.</summary>
internal readonly struct FloatCell(float value) : ICell<FloatCell>
{
    private readonly float _value = value;

    public static string Name => "F32";

    public static int DirectRows => int.MaxValue;

    public static FloatCell From(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Load<TLane>(ref readonly FloatCell source)
        where TLane : unmanaged, ILane<TLane> => TLane.Load(in source._value);
}

/// <summary>A half.</summary>
internal readonly struct HalfCell(ushort bits) : ICell<HalfCell>
{
    private readonly ushort _bits = bits;

    public static string Name => "F16";

    public static int DirectRows => 4;

    // Beyond a half's range the greatest finite one: an infinity would turn every later product into NaN.
    public static HalfCell From(float value) =>
        new(BitConverter.HalfToUInt16Bits(HalfFloat.Narrow(Math.Clamp(value, -65504f, 65504f))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Load<TLane>(ref readonly HalfCell source)
        where TLane : unmanaged, ILane<TLane> => TLane.LoadHalf(in source._bits);
}

/// <summary>A bfloat16.</summary>
internal readonly struct BFloatCell(ushort bits) : ICell<BFloatCell>
{
    private readonly ushort _bits = bits;

    public static string Name => "BF16";

    public static int DirectRows => 4;

    public static BFloatCell From(float value) => new(HalfFloat.NarrowBFloat(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Load<TLane>(ref readonly BFloatCell source)
        where TLane : unmanaged, ILane<TLane> => TLane.LoadBFloat(in source._bits);
}
