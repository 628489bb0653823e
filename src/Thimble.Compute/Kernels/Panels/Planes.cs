using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Bits of numbers laid out so that one load and one shift give a register of them: four bits, two bits or one bit a number.</summary>
/// <remarks>Four: byte i of the register r in 0..3 holds registers r and r + 4. Two: the register r in 0..1 holds registers 4r to
/// 4r + 3, lowest first. One: a single register holds all eight, lowest first.</remarks>
internal static class Planes
{
    private const int Register = 64;   // bytes of sixteen rows and four columns

    /// <summary>Bytes of a plane with so many bits a number.</summary>
    public static int Bytes(int bits) => Register * bits;

    /// <summary>Packs the given bits of all numbers.</summary>
    /// <param name="numbers">Shape [8, 64].</param>
    /// <param name="lowest">The lowest bit to take.</param>
    /// <param name="bits">How many: 1, 2 or 4.</param>
    /// <param name="plane">Receives them, shape [64 · bits].</param>
    public static void Pack(ReadOnlySpan<byte> numbers, int lowest, int bits, Span<byte> plane)
    {
        plane[..(Register * bits)].Clear();
        for (int register = 0; register < 8; register++)
        {
            (int place, int shift) = bits switch
            {
                4 => (register % 4, 4 * (register / 4)),
                2 => (register / 4, 2 * (register % 4)),
                _ => (0, register),
            };
            ReadOnlySpan<byte> from = numbers.Slice(register * Register, Register);
            Span<byte> to = plane.Slice(place * Register, Register);
            int mask = (1 << bits) - 1;
            for (int i = 0; i < Register; i++)
                to[i] |= (byte)(((from[i] >> lowest) & mask) << shift);
        }
    }

    /// <summary>Four bits of the numbers of one register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBytes Four<TBytes, TLane>(ref readonly byte plane, int register)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        TBytes bytes = TBytes.Load(in Unsafe.Add(ref Unsafe.AsRef(in plane), Register * (register % 4)));
        return (register < 4 ? bytes : TBytes.ShiftRight(bytes, 4)) & TBytes.Fill(0x0F);
    }

    /// <summary>Two bits of the numbers of one register, raised by <paramref name="raise"/> bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBytes Two<TBytes, TLane>(ref readonly byte plane, int register, int raise)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        TBytes bytes = TBytes.Load(in Unsafe.Add(ref Unsafe.AsRef(in plane), Register * (register / 4)));
        return Shifted<TBytes, TLane>(bytes, raise - (2 * (register % 4))) & TBytes.Fill((byte)(3 << raise));
    }

    /// <summary>One bit of the numbers of one register, raised by <paramref name="raise"/> bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBytes One<TBytes, TLane>(ref readonly byte plane, int register, int raise)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        Shifted<TBytes, TLane>(TBytes.Load(in plane), raise - register) & TBytes.Fill((byte)(1 << raise));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TBytes Shifted<TBytes, TLane>(TBytes bytes, int left)
        where TBytes : unmanaged, IByteLane<TBytes, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        left == 0 ? bytes : left > 0 ? TBytes.ShiftLeft(bytes, left) : TBytes.ShiftRight(bytes, -left);
}
