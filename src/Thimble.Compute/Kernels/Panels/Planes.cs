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
}
