using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
    [MethodImpl(HotLoop.Compiled)]
    public static bool Pairs<TCode>(Weight weight, int row, uint* panel)
        where TCode : struct, IHalfCode
    {
        ushort* low = stackalloc ushort[2 * Strip], high = low + Strip;
        int columns = weight.Columns;
        bool coded = true;
        for (int first = 0; first < columns && coded; first += Strip)
        {
            int count = Math.Min(Strip, columns - first);
            for (int i = 0; i < Half; i++)
            {
                coded &= TCode.Encode((ushort*)Row(weight, row + i) + first, low, count);
                coded &= TCode.Encode((ushort*)Row(weight, row + i + Half) + first, high, count);
                uint* to = panel + ((long)first * Half) + i;
                for (int column = 0; column < count; column++, to += Half)
                    *to = low[column] | ((uint)high[column] << 16);
            }
        }

        return coded;
    }

    /// <summary>Floats of 32 bits.</summary>
    public static void Floats(Weight weight, int row, float* panel) =>
        Floats((float*)weight.Blocks.Start + ((long)row * weight.Columns), Math.Min(FloatPanels.Rows, weight.Rows - row), weight.Columns, panel);

    /// <summary>Floats of 32 bits.</summary>
    /// <param name="rows">The first row.</param>
    /// <param name="count">Rows there are, at least 1; the last stands in for those missing.</param>
    /// <param name="columns">Floats in a row, and from one row to the next.</param>
    /// <param name="panel">Receives them, shape [columns, 32].</param>
    [MethodImpl(HotLoop.Compiled)]
    public static void Floats(float* rows, int count, int columns, float* panel)
    {
        for (int first = 0; first < columns; first += Strip)
        {
            int width = Math.Min(Strip, columns - first);
            for (int i = 0; i < FloatPanels.Rows; i++)
            {
                float* from = rows + ((long)Math.Min(i, count - 1) * columns) + first, to = panel + ((long)first * FloatPanels.Rows) + i;
                for (int column = 0; column < width; column++, to += FloatPanels.Rows)
                    *to = from[column];
            }
        }
    }

    private static byte* Row(Weight weight, int row) => weight.Blocks.Start + ((long)Math.Min(row, weight.Rows - 1) * weight.RowBytes);
}

/// <summary>How numbers of 16 bits are stored in a panel.</summary>
internal unsafe interface IHalfCode
{
    /// <summary>Encodes numbers.</summary>
    /// <param name="from">The numbers' bits.</param>
    /// <param name="to">Receives their codes.</param>
    /// <param name="count">How many there are.</param>
    /// <returns>Whether all of them have a code.</returns>
    static abstract bool Encode(ushort* from, ushort* to, int count);
}

/// <summary>As they are.</summary>
internal readonly unsafe struct SameBits : IHalfCode
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Encode(ushort* from, ushort* to, int count)
    {
        new ReadOnlySpan<ushort>(from, count).CopyTo(new(to, count));
        return true;
    }
}

/// <summary>Halves with the exponent raised by ten, subnormals made normal; none for magnitudes of 128 and more.</summary>
internal readonly unsafe struct RaisedHalf : IHalfCode
{
    private const int Raise = 10 << 10, Normal = 1 << 10, TooGreat = 0x8000 - Raise;

    [MethodImpl(HotLoop.Compiled)]
    public static bool Encode(ushort* from, ushort* to, int count)
    {
        bool coded = true;
        int i = 0;
        for (; i <= count - Vector128<short>.Count; i += Vector128<short>.Count)
        {
            Vector128<short> bits = Vector128.Load((short*)from + i), magnitude = bits & Vector128.Create((short)0x7FFF);
            (bits + Vector128.Create((short)Raise)).Store((short*)to + i);
            if (Vector128.LessThanAny(magnitude, Vector128.Create((short)Normal)) || Vector128.GreaterThanOrEqualAny(magnitude, Vector128.Create((short)TooGreat)))
                coded &= EncodeEach(from + i, to + i, Vector128<short>.Count);
        }

        return EncodeEach(from + i, to + i, count - i) && coded;
    }

    private static bool EncodeEach(ushort* from, ushort* to, int count)
    {
        for (int i = 0; i < count; i++)
        {
            int magnitude = from[i] & 0x7FFF, sign = from[i] & 0x8000;
            if (magnitude >= TooGreat)
                return false;
            to[i] = (ushort)(sign | (magnitude < Normal ? Subnormal((ushort)magnitude) : magnitude + Raise));
        }

        return true;
    }

    /// <summary>Its value as a float has the code's exponent plus 102.</summary>
    private static int Subnormal(ushort magnitude) =>
        magnitude == 0 ? 0 : (BitConverter.SingleToInt32Bits(HalfFloat.Widen(magnitude)) >> 13) - (102 << 10);
}
