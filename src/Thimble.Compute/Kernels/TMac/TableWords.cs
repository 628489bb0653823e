using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Thimble.Compute.Kernels;

/// <summary>Thirty-two 16-bit numbers: a word of indices for each of 32 rows, a table of 32 entries, or a sum for each row.</summary>
/// <remarks>These are all the operations of the inner loop. There is no multiplication among them, and no place for one.</remarks>
/// <typeparam name="TSelf">The register.</typeparam>
internal unsafe interface ITableWords<TSelf>
    where TSelf : unmanaged, ITableWords<TSelf>
{
    /// <summary>Reads 64 bytes.</summary>
    static abstract TSelf Load(byte* source);

    /// <summary>Writes 64 bytes.</summary>
    static abstract void Store(TSelf value, byte* target);

    /// <summary>For each word the entry of a table that five of its bits name.</summary>
    /// <param name="table">The table.</param>
    /// <param name="words">The words.</param>
    static abstract TSelf Look(TSelf table, TSelf words);

    /// <summary>Brings the next bits of words down.</summary>
    /// <param name="words">The words.</param>
    /// <param name="right">How far.</param>
    static abstract TSelf Next(TSelf words, int right);

    /// <summary>Sums, modulo 2¹⁶.</summary>
    static abstract TSelf operator +(TSelf a, TSelf b);
}

/// <summary>AVX-512 BW: a table is one register, and a lookup one <c>vpermw</c>.</summary>
internal readonly unsafe struct Words512(Vector512<short> value) : ITableWords<Words512>
{
    private readonly Vector512<short> _value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 Load(byte* source) => new(Vector512.Load((short*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Words512 value, byte* target) => value._value.Store((short*)target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 Look(Words512 table, Words512 words) => new(Avx512BW.PermuteVar32x16(table._value, words._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 Next(Words512 words, int right) => new(words._value >>> right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words512 operator +(Words512 a, Words512 b) => new(a._value + b._value);
}

/// <summary>One number at a time: the reference.</summary>
[InlineArray(32)]
internal unsafe struct WordsScalar : ITableWords<WordsScalar>
{
    private short _first;

    public static WordsScalar Load(byte* source) => Unsafe.ReadUnaligned<WordsScalar>(source);

    public static void Store(WordsScalar value, byte* target) => Unsafe.WriteUnaligned(target, value);

    public static WordsScalar Look(WordsScalar table, WordsScalar words)
    {
        WordsScalar found = default;
        for (int i = 0; i < 32; i++)
            found[i] = table[words[i] & 31];
        return found;
    }

    public static WordsScalar Next(WordsScalar words, int right)
    {
        for (int i = 0; i < 32; i++)
            words[i] = (short)((ushort)words[i] >> right);
        return words;
    }

    public static WordsScalar operator +(WordsScalar a, WordsScalar b)
    {
        WordsScalar sum = default;
        for (int i = 0; i < 32; i++)
            sum[i] = (short)(a[i] + b[i]);
        return sum;
    }
}
