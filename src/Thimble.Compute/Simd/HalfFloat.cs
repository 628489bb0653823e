using System.Runtime.CompilerServices;

namespace Thimble.Compute.Simd;

/// <summary>Half and bfloat16 to float and back, in integer arithmetic.</summary>
/// <remarks>In .NET 10 the cast <c>(float)Half</c> compiles to a call that spills every vector register of the loop around it.</remarks>
internal static class HalfFloat
{
    /// <summary>The value of a half; exact for every finite half, infinities become ±65536.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(Half half) => Widen(BitConverter.HalfToUInt16Bits(half));

    /// <summary>The value of a half given by its bits; exact for every finite half, infinities become ±65536.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(ushort bits)
    {
        // Shifted into a float's fields the exponent is too small by 112; one multiplication mends it, subnormals included.
        float magnitude = BitConverter.UInt32BitsToSingle((uint)(bits & 0x7FFF) << 13) * 5.192296858534828e33f;
        return BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(magnitude) | ((uint)(bits & 0x8000) << 16));
    }

    /// <summary>The value of a bfloat16 given by its bits; exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenBFloat(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>The nearest bfloat16 (ties to even) of a float; a NaN stays a quiet NaN.</summary>
    public static ushort NarrowBFloat(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return (ushort)((bits >> 16) | 0x40);

        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The nearest half (ties to even) of a float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Half Narrow(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value), magnitude = bits & 0x7FFF_FFFF;
        if (magnitude >= 0x4780_0000)   // 65536 and up
            return (Half)value;

        // Subnormal halves are whole multiples of 2⁻²⁴, the spacing of floats around a half: adding that rounds them.
        uint half = magnitude < 0x3880_0000
            ? BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) + 0.5f) - 0x3F00_0000
            : (magnitude + 0xFFF + ((magnitude >> 13) & 1) - 0x3800_0000) >> 13;
        return BitConverter.UInt16BitsToHalf((ushort)(half | ((bits >> 16) & 0x8000)));
    }
}
