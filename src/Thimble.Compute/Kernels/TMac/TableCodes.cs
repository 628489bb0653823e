using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thimble.Compute.Kernels;

/// <summary>How the whole numbers of weights become indices, and what the tables hold that the indices point into.</summary>
/// <remarks>A step is a few columns of a tile of 128 rows: for each word of a row, 128 words side by side.</remarks>
internal unsafe interface ITableCode
{
    /// <summary>Columns of a step: 16 or 32.</summary>
    static abstract int Columns { get; }

    /// <summary>Words of a row in a step.</summary>
    static abstract int Words { get; }

    /// <summary>Tables of a step, 64 bytes each.</summary>
    static abstract int Tables { get; }

    /// <summary>What is taken from sums in 16 bits: times Σx, so that numbers that fill four bits do not overflow.</summary>
    static abstract int Middle { get; }

    /// <summary>What is added to whole numbers of a format so that they are coded without a sign; 0 if signs are coded.</summary>
    static abstract int Bias { get; }

    /// <summary>Codes one row's numbers.</summary>
    /// <param name="numbers">Whole numbers, shape [<see cref="Columns"/>], and 16 bytes behind them that may be read.</param>
    /// <param name="words">Receives the words, 128 apart.</param>
    /// <returns>Whether the code has all these numbers.</returns>
    static abstract bool TryPack(sbyte* numbers, ushort* words);

    /// <summary>Fills the tables of a step.</summary>
    /// <param name="x">Rounded activations, shape [<see cref="Columns"/>].</param>
    /// <param name="tables">Receives sums of them, shape [<see cref="Tables"/>, 32].</param>
    static abstract void Build(ReadOnlySpan<sbyte> x, Span<short> tables);

    /// <summary>Sums a step: the inner loop.</summary>
    /// <param name="words">The step's words, shape [<see cref="Words"/>, 128].</param>
    /// <param name="tables">The step's tables, shape [<see cref="Tables"/>, 32].</param>
    /// <param name="sums">Receives 128 sums of 16 bits.</param>
    /// <param name="more">Whether to add to what is there.</param>
    static abstract void Sum<TWords>(byte* words, byte* tables, byte* sums, bool more)
        where TWords : unmanaged, ITableWords<TWords>;

    /// <summary>Sums a step for two tokens, so that indices are read and shifted once for both.</summary>
    /// <param name="words">The step's words.</param>
    /// <param name="tables">The first token's tables.</param>
    /// <param name="others">The second token's.</param>
    /// <param name="sums">Receives the first token's sums, and behind <paramref name="room"/> bytes the second's.</param>
    /// <param name="room">Bytes between the two.</param>
    /// <param name="more">Whether to add to what is there.</param>
    static abstract void SumTwo<TWords>(byte* words, byte* tables, byte* others, byte* sums, int room, bool more)
        where TWords : unmanaged, ITableWords<TWords>;
}

/// <summary>Bit planes: a word holds one bit each of sixteen columns, and four of its bits name a sum of four activations.</summary>
/// <remarks>All planes share the tables. <c>Σ q·x = S₀ + 2·(S₁ + 2·(S₂ + …))</c>, the doubling done by adding.</remarks>
internal readonly unsafe struct BitPlanes<TPlanes, TBias> : ITableCode
    where TPlanes : struct, INumeral
    where TBias : struct, INumeral
{
    public static int Columns => 16;

    public static int Words => TPlanes.Value;

    public static int Tables => 4;

    public static int Middle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TPlanes.Value == 4 ? 8 : 0;
    }

    public static int Bias
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBias.Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryPack(sbyte* numbers, ushort* words)
    {
        Vector128<byte> raised = (Vector128.Load(numbers) + Vector128.Create((sbyte)TBias.Value)).AsByte();
        for (int plane = 0; plane < TPlanes.Value; plane++)   // the highest first, moved to where the sign is
            words[plane * TableShape.Rows] = (ushort)(raised.AsUInt16() << (8 - TPlanes.Value + plane)).AsByte().ExtractMostSignificantBits();
        return (raised & Vector128.Create((byte)(0xFF << TPlanes.Value))) == Vector128<byte>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Build(ReadOnlySpan<sbyte> x, Span<short> tables)
    {
        for (int table = 0; table < 4; table++)
            TableEntries.Subsets(in x[4 * table]).CopyTo(tables.Slice(32 * table, 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum<TWords>(byte* words, byte* tables, byte* sums, bool more)
        where TWords : unmanaged, ITableWords<TWords>
    {
        TWords t0 = TWords.Load(tables), t1 = TWords.Load(tables + 64), t2 = TWords.Load(tables + 128), t3 = TWords.Load(tables + 192);
        TWords v0 = default, v1 = v0, v2 = v0, v3 = v0;
        for (int plane = 0; plane < TPlanes.Value; plane++, words += 256)
        {
            v0 = v0 + v0 + Look<TWords>(words, t0, t1, t2, t3);
            v1 = v1 + v1 + Look<TWords>(words + 64, t0, t1, t2, t3);
            v2 = v2 + v2 + Look<TWords>(words + 128, t0, t1, t2, t3);
            v3 = v3 + v3 + Look<TWords>(words + 192, t0, t1, t2, t3);
        }

        if (more)
        {
            v0 += TWords.Load(sums);
            v1 += TWords.Load(sums + 64);
            v2 += TWords.Load(sums + 128);
            v3 += TWords.Load(sums + 192);
        }

        TWords.Store(v0, sums);
        TWords.Store(v1, sums + 64);
        TWords.Store(v2, sums + 128);
        TWords.Store(v3, sums + 192);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SumTwo<TWords>(byte* words, byte* tables, byte* others, byte* sums, int room, bool more)
        where TWords : unmanaged, ITableWords<TWords>
    {
        TWords a0 = TWords.Load(tables), a1 = TWords.Load(tables + 64), a2 = TWords.Load(tables + 128), a3 = TWords.Load(tables + 192);
        TWords b0 = TWords.Load(others), b1 = TWords.Load(others + 64), b2 = TWords.Load(others + 128), b3 = TWords.Load(others + 192);
        for (int part = 0; part < 256; part += 64)
        {
            TWords a = default, b = a;
            for (int plane = 0; plane < TPlanes.Value; plane++)
            {
                TWords w0 = TWords.Load(words + (256 * plane) + part);
                TWords w1 = TWords.Next(w0, 4), w2 = TWords.Next(w0, 8), w3 = TWords.Next(w0, 12);
                a = a + a + (TWords.Look(a0, w0) + TWords.Look(a1, w1) + (TWords.Look(a2, w2) + TWords.Look(a3, w3)));
                b = b + b + (TWords.Look(b0, w0) + TWords.Look(b1, w1) + (TWords.Look(b2, w2) + TWords.Look(b3, w3)));
            }

            if (more)
            {
                a += TWords.Load(sums + part);
                b += TWords.Load(sums + room + part);
            }

            TWords.Store(a, sums + part);
            TWords.Store(b, sums + room + part);
        }
    }

    /// <summary>Four lookups of 32 rows. The tables repeat after sixteen entries, so the fifth bit may be anything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWords Look<TWords>(byte* at, TWords t0, TWords t1, TWords t2, TWords t3)
        where TWords : unmanaged, ITableWords<TWords>
    {
        TWords words = TWords.Load(at);
        return TWords.Look(t0, words) + TWords.Look(t1, TWords.Next(words, 4)) +
            (TWords.Look(t2, TWords.Next(words, 8)) + TWords.Look(t3, TWords.Next(words, 12)));
    }
}

/// <summary>Signs: bit planes of a single bit, whose tables hold sums of all four activations, each with its sign.</summary>
internal readonly unsafe struct SignPlane : ITableCode
{
    public static int Columns => 16;

    public static int Words => 1;

    public static int Tables => 4;

    public static int Middle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 0;
    }

    public static int Bias
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryPack(sbyte* numbers, ushort* words)
    {
        var signs = Vector128.Load(numbers);
        words[0] = (ushort)~signs.ExtractMostSignificantBits();
        return Vector128.EqualsAll(Vector128.Abs(signs), Vector128<sbyte>.One);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Build(ReadOnlySpan<sbyte> x, Span<short> tables)
    {
        for (int table = 0; table < 4; table++)
        {
            ReadOnlySpan<sbyte> four = x.Slice(4 * table, 4);
            var all = Vector512.Create((short)(four[0] + four[1] + four[2] + four[3]));
            Vector512<short> some = TableEntries.Subsets(in four[0]);
            (some + some - all).CopyTo(tables.Slice(32 * table, 32));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum<TWords>(byte* words, byte* tables, byte* sums, bool more)
        where TWords : unmanaged, ITableWords<TWords> =>
        BitPlanes<One, Zero>.Sum<TWords>(words, tables, sums, more);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SumTwo<TWords>(byte* words, byte* tables, byte* others, byte* sums, int room, bool more)
        where TWords : unmanaged, ITableWords<TWords> =>
        BitPlanes<One, Zero>.SumTwo<TWords>(words, tables, others, sums, room, more);
}
