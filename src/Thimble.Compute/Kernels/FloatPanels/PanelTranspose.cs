using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Turns thirty-two stored rows into columns of thirty-two.</summary>
internal static unsafe class PanelTranspose
{
    private const int Half = FloatPanels.Rows / 2;
    private const int Strip = 32;   // columns written while they are in the nearest cache

    /// <summary>Rows i and i + 16 side by side, in codes of 16 bits.</summary>
    /// <returns>Whether every number had a code.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Pairs<TCode>(Weight weight, int row, uint* panel)
        where TCode : struct, IHalfCode
    {
        uint all = 0;
        int columns = weight.Columns;
        for (int first = 0; first < columns; first += Strip)
        {
            int count = Math.Min(Strip, columns - first);
            for (int i = 0; i < Half; i++)
            {
                ushort* low = (ushort*)Row(weight, row + i) + first, high = (ushort*)Row(weight, row + i + Half) + first;
                uint* to = panel + ((long)first * Half) + i;
                for (int column = 0; column < count; column++, to += Half)
                {
                    uint lower = TCode.Encode(low[column]), upper = TCode.Encode(high[column]);
                    all |= lower | upper;
                    *to = lower | (upper << 16);
                }
            }
        }

        return all <= ushort.MaxValue;
    }

    /// <summary>Floats of 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Floats(Weight weight, int row, float* panel)
    {
        int columns = weight.Columns;
        for (int first = 0; first < columns; first += Strip)
        {
            int count = Math.Min(Strip, columns - first);
            for (int i = 0; i < FloatPanels.Rows; i++)
            {
                float* from = (float*)Row(weight, row + i) + first, to = panel + ((long)first * FloatPanels.Rows) + i;
                for (int column = 0; column < count; column++, to += FloatPanels.Rows)
                    *to = from[column];
            }
        }
    }

    private static byte* Row(Weight weight, int row) => weight.Blocks.Start + ((long)Math.Min(row, weight.Rows - 1) * weight.RowBytes);
}

/// <summary>How a number of 16 bits is stored in a panel.</summary>
internal interface IHalfCode
{
    /// <summary>Its code, or something above 16 bits if it has none.</summary>
    static abstract uint Encode(ushort bits);
}

/// <summary>As it is.</summary>
internal readonly struct SameBits : IHalfCode
{
    public static uint Encode(ushort bits) => bits;
}

/// <summary>A half with its exponent raised by ten, subnormals made normal; none for magnitudes of 128 and more.</summary>
internal readonly struct RaisedHalf : IHalfCode
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Encode(ushort bits)
    {
        uint magnitude = bits & 0x7FFFu, sign = bits & 0x8000u;
        if (magnitude < 0x400)
            return sign | Subnormal(magnitude);

        uint raised = magnitude + (10 << 10);
        return sign | (raised & 0x7FFF) | ((raised & 0x8000) << 1);
    }

    private static uint Subnormal(uint magnitude) =>
        magnitude == 0 ? 0 : (BitConverter.SingleToUInt32Bits(HalfFloat.Widen((ushort)magnitude)) >> 13) - (102 << 10);
}
