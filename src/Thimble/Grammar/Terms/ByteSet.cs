using System.Numerics;

namespace Thimble.Grammar;

/// <summary>A set of bytes.</summary>
internal readonly record struct ByteSet(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>All bytes.</summary>
    public static ByteSet All { get; } = new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>Whether no byte is in it.</summary>
    public bool IsEmpty => (A | B | C | D) == 0;

    /// <summary>The lowest byte in it.</summary>
    public byte First => (byte)(A != 0 ? BitOperations.TrailingZeroCount(A)
        : B != 0 ? 64 + BitOperations.TrailingZeroCount(B)
        : C != 0 ? 128 + BitOperations.TrailingZeroCount(C)
        : 192 + BitOperations.TrailingZeroCount(D));

    /// <summary>Whether a byte is in it.</summary>
    public bool this[int value] => ((value < 128 ? value < 64 ? A : B : value < 192 ? C : D) >> (value & 63) & 1) != 0;

    /// <summary>The bytes from one to another.</summary>
    public static ByteSet Range(int first, int last)
    {
        Span<ulong> words = stackalloc ulong[4];
        for (int i = first; i <= last; i++)
            words[i >> 6] |= 1UL << (i & 63);
        return new(words[0], words[1], words[2], words[3]);
    }

    public static ByteSet operator |(ByteSet x, ByteSet y) => new(x.A | y.A, x.B | y.B, x.C | y.C, x.D | y.D);

    public static ByteSet operator &(ByteSet x, ByteSet y) => new(x.A & y.A, x.B & y.B, x.C & y.C, x.D & y.D);

    public static ByteSet operator ~(ByteSet x) => new(~x.A, ~x.B, ~x.C, ~x.D);
}
