using System.Runtime.Intrinsics;

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
        var mask = Vector256.Create((byte)((1 << bits) - 1));
        int registers = 8 / bits;   // that share a register of the plane
        for (int place = 0; place < bits; place++)
        {
            for (int i = 0; i < Register; i += 32)
            {
                Vector256<byte> all = Vector256<byte>.Zero;
                for (int part = 0; part < registers; part++)
                {
                    // Four bits have registers that are four apart together, the others neighbours.
                    int register = bits == 4 ? place + (4 * part) : (place * registers) + part;
                    var from = Vector256.Create<byte>(numbers.Slice((register * Register) + i, 32));
                    all |= (((from.AsUInt16() >>> lowest).AsByte() & mask).AsUInt16() << (bits * part)).AsByte();
                }

                all.CopyTo(plane[((place * Register) + i)..]);
            }
        }
    }

    /// <summary>The place in a table of 16 levels of every number that is one of them, shape [256]: the first if two are alike.</summary>
    public static byte[] Index(ReadOnlySpan<byte> levels)
    {
        byte[] index = new byte[256];
        for (int i = levels.Length - 1; i >= 0; i--)
            index[levels[i]] = (byte)i;
        return index;
    }
}
