using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;

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
    /// <param name="numbers">Whole numbers, shape [<see cref="Columns"/>].</param>
    /// <param name="words">Receives the words, shape [<see cref="Words"/>].</param>
    /// <returns>Whether the code has all these numbers.</returns>
    static abstract bool TryPack(ReadOnlySpan<sbyte> numbers, Span<ushort> words);

    /// <summary>Fills the tables of a step.</summary>
    /// <param name="x">Rounded activations, shape [<see cref="Columns"/>].</param>
    /// <param name="tables">Receives sums of them, shape [<see cref="Tables"/>, 32].</param>
    static abstract void Build(ReadOnlySpan<sbyte> x, Span<short> tables);

    /// <summary>Sums a step: the inner loop.</summary>
    /// <param name="words">The step's words, shape [<see cref="Words"/>, 128].</param>
    /// <param name="tables">The step's tables, shape [<see cref="Tables"/>, 32].</param>
    /// <param name="sums">Receives 128 sums of 16 bits.</param>
    /// <param name="more">Whether to add to what is there.</param>
    static abstract void Sum<TWords, TLane>(byte* words, byte* tables, byte* sums, bool more)
        where TWords : unmanaged, ITableWords<TWords, TLane>
        where TLane : unmanaged, ILane<TLane>;
}

/// <summary>How many bits a number has.</summary>
internal interface IPlaneCount
{
    /// <summary>1 to 4.</summary>
    static abstract int Value { get; }
}

/// <inheritdoc />
internal readonly struct OnePlane : IPlaneCount
{
    public static int Value => 1;
}

/// <inheritdoc />
internal readonly struct TwoPlanes : IPlaneCount
{
    public static int Value => 2;
}

/// <inheritdoc />
internal readonly struct ThreePlanes : IPlaneCount
{
    public static int Value => 3;
}

/// <inheritdoc />
internal readonly struct FourPlanes : IPlaneCount
{
    public static int Value => 4;
}

/// <summary>Bit planes: a word holds one bit each of sixteen columns, and four of its bits name a sum of four activations.</summary>
/// <remarks>All planes share the tables. <c>Σ q·x = S₀ + 2·(S₁ + 2·(S₂ + …))</c>, the doubling done by adding.</remarks>
internal readonly unsafe struct BitPlanes<TPlanes, TBias> : ITableCode
    where TPlanes : struct, IPlaneCount
    where TBias : struct, IBias
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

    public static bool TryPack(ReadOnlySpan<sbyte> numbers, Span<ushort> words)
    {
        Vector128<byte> raised = (Vector128.Create(numbers) + Vector128.Create((sbyte)TBias.Value)).AsByte();
        for (int plane = 0; plane < words.Length; plane++)   // the highest first, moved to where the sign is
            words[plane] = (ushort)(raised.AsUInt16() << (8 - words.Length + plane)).AsByte().ExtractMostSignificantBits();
        return Vector128.LessThanOrEqualAll(raised, Vector128.Create((byte)((1 << words.Length) - 1)));
    }

    public static void Build(ReadOnlySpan<sbyte> x, Span<short> tables)
    {
        for (int table = 0; table < 4; table++)
            TableEntries.Subsets(x.Slice(4 * table, 4)).CopyTo(tables.Slice(32 * table, 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum<TWords, TLane>(byte* words, byte* tables, byte* sums, bool more)
        where TWords : unmanaged, ITableWords<TWords, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        TWords t0 = TWords.Load(tables), t1 = TWords.Load(tables + 64), t2 = TWords.Load(tables + 128), t3 = TWords.Load(tables + 192);
        TWords v0 = default, v1 = v0, v2 = v0, v3 = v0;
        for (int plane = 0; plane < TPlanes.Value; plane++, words += 256)
        {
            v0 = v0 + v0 + Four<TWords, TLane>(words, t0, t1, t2, t3);
            v1 = v1 + v1 + Four<TWords, TLane>(words + 64, t0, t1, t2, t3);
            v2 = v2 + v2 + Four<TWords, TLane>(words + 128, t0, t1, t2, t3);
            v3 = v3 + v3 + Four<TWords, TLane>(words + 192, t0, t1, t2, t3);
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

    /// <summary>Four lookups of 32 rows. The tables repeat after sixteen entries, so the fifth bit may be anything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWords Four<TWords, TLane>(byte* at, TWords t0, TWords t1, TWords t2, TWords t3)
        where TWords : unmanaged, ITableWords<TWords, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        TWords words = TWords.Load(at);
        return TWords.Look(t0, words, 0) + TWords.Look(t1, words, 4) + (TWords.Look(t2, words, 8) + TWords.Look(t3, words, 12));
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

    public static bool TryPack(ReadOnlySpan<sbyte> numbers, Span<ushort> words)
    {
        var signs = Vector128.Create(numbers);
        words[0] = (ushort)~signs.ExtractMostSignificantBits();
        return Vector128.EqualsAll(Vector128.Abs(signs), Vector128<sbyte>.One);
    }

    public static void Build(ReadOnlySpan<sbyte> x, Span<short> tables)
    {
        for (int table = 0; table < 4; table++)
        {
            ReadOnlySpan<sbyte> four = x.Slice(4 * table, 4);
            var all = Vector512.Create((short)(four[0] + four[1] + four[2] + four[3]));
            Vector512<short> some = TableEntries.Subsets(four);
            (some + some - all).CopyTo(tables.Slice(32 * table, 32));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum<TWords, TLane>(byte* words, byte* tables, byte* sums, bool more)
        where TWords : unmanaged, ITableWords<TWords, TLane>
        where TLane : unmanaged, ILane<TLane> =>
        BitPlanes<OnePlane, Bias0>.Sum<TWords, TLane>(words, tables, sums, more);
}

/// <summary>Ternary digits, three to an index: 27 of a table's 32 entries are used, and 32 columns take 11 lookups instead of 16.</summary>
internal readonly unsafe struct TernaryTriples : ITableCode
{
    public static int Columns => 32;

    public static int Words => 4;

    public static int Tables => 11;

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

    public static bool TryPack(ReadOnlySpan<sbyte> numbers, Span<ushort> words)
    {
        if (Vector256.GreaterThanAny(Vector256.Abs(Vector256.Create(numbers)), Vector256<sbyte>.One))
            return false;
        for (int word = 0; word < 3; word++, numbers = numbers[9..])
            words[word + 1] = (ushort)(Index(numbers[0], numbers[1], numbers[2]) | (Index(numbers[3], numbers[4], numbers[5]) << 5) | (Index(numbers[6], numbers[7], numbers[8]) << 10));
        words[0] = (ushort)(Index(numbers[0], numbers[1], numbers[2]) | (Index(numbers[3], numbers[4], 0) << 5));
        return true;
    }

    public static void Build(ReadOnlySpan<sbyte> x, Span<short> tables)
    {
        TableEntries.Ternary(x[27], x[28], x[29]).CopyTo(tables);
        TableEntries.Ternary(x[30], x[31], 0).CopyTo(tables[32..]);
        for (int table = 0; table < 9; table++)
            TableEntries.Ternary(x[3 * table], x[(3 * table) + 1], x[(3 * table) + 2]).CopyTo(tables.Slice((32 * table) + 64, 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum<TWords, TLane>(byte* words, byte* tables, byte* sums, bool more)
        where TWords : unmanaged, ITableWords<TWords, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        TWords t0 = TWords.Load(tables), t1 = TWords.Load(tables + 64);
        TWords v0 = Two<TWords, TLane>(words, t0, t1), v1 = Two<TWords, TLane>(words + 64, t0, t1);
        TWords v2 = Two<TWords, TLane>(words + 128, t0, t1), v3 = Two<TWords, TLane>(words + 192, t0, t1);
        words += 256;
        tables += 128;
        for (int word = 0; word < 3; word++, words += 256, tables += 192)
        {
            t0 = TWords.Load(tables);
            t1 = TWords.Load(tables + 64);
            TWords t2 = TWords.Load(tables + 128);
            v0 += Three<TWords, TLane>(words, t0, t1, t2);
            v1 += Three<TWords, TLane>(words + 64, t0, t1, t2);
            v2 += Three<TWords, TLane>(words + 128, t0, t1, t2);
            v3 += Three<TWords, TLane>(words + 192, t0, t1, t2);
        }

        TWords.Store(v0, sums);
        TWords.Store(v1, sums + 64);
        TWords.Store(v2, sums + 128);
        TWords.Store(v3, sums + 192);
    }

    private static int Index(int first, int second, int third) => first + (3 * second) + (9 * third) + 13;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWords Three<TWords, TLane>(byte* at, TWords t0, TWords t1, TWords t2)
        where TWords : unmanaged, ITableWords<TWords, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        TWords words = TWords.Load(at);
        return TWords.Look(t0, words, 0) + TWords.Look(t1, words, 5) + TWords.Look(t2, words, 10);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWords Two<TWords, TLane>(byte* at, TWords t0, TWords t1)
        where TWords : unmanaged, ITableWords<TWords, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        TWords words = TWords.Load(at);
        return TWords.Look(t0, words, 0) + TWords.Look(t1, words, 5);
    }
}

/// <summary>What tables hold.</summary>
internal static class TableEntries
{
    // Entry i holds the j-th of four activations where bit j of i is set.
    private static readonly short[][] s_bits = [.. Numbers(4, static (entry, j) => -((entry >> j) & 1))];

    // Entry i holds the j-th of three activations times digit j of i to the base of three, less one.
    private static readonly short[][] s_digits = [.. Numbers(3, static (entry, j) => (entry / (j == 0 ? 1 : j == 1 ? 3 : 9) % 3) - 1)];

    /// <summary>All sums of some of four activations, twice.</summary>
    public static Vector512<short> Subsets(ReadOnlySpan<sbyte> x) =>
        ((Vector512.Create((short)x[0]) & Vector512.Create(s_bits[0])) + (Vector512.Create((short)x[1]) & Vector512.Create(s_bits[1]))) +
        ((Vector512.Create((short)x[2]) & Vector512.Create(s_bits[2])) + (Vector512.Create((short)x[3]) & Vector512.Create(s_bits[3])));

    /// <summary>All sums of three activations times −1, 0 or 1.</summary>
    public static Vector512<short> Ternary(short x0, short x1, short x2) =>
        (Vector512.Create(x0) * Vector512.Create(s_digits[0])) + (Vector512.Create(x1) * Vector512.Create(s_digits[1])) +
        (Vector512.Create(x2) * Vector512.Create(s_digits[2]));

    private static IEnumerable<short[]> Numbers(int count, Func<int, int, int> number)
    {
        for (int j = 0; j < count; j++)
        {
            short[] numbers = new short[32];
            for (int entry = 0; entry < 32; entry++)
                numbers[entry] = (short)number(entry, j);
            yield return numbers;
        }
    }
}
