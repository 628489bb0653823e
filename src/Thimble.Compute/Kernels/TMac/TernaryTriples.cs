using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Thimble.Compute.Kernels;

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryPack(sbyte* numbers, ushort* words)
    {
        // Number j of a triple is eleven columns behind its first; beyond the last column are no numbers.
        Vector128<sbyte> first = Vector128.Load(numbers), second = Vector128.Load(numbers + 11);
        Vector128<sbyte> third = Vector128.Load(numbers + 22) & Vector128.Create(-1L, 0xFFFF).AsSByte();
        Vector128<sbyte> upper = third + third + third + second;
        Vector128<byte> index = (upper + upper + upper + first + Vector128.Create((sbyte)13)).AsByte();
        Vector128<ushort> lowest = Vector128.Shuffle(index, Vector128.Create((byte)9, 255, 0, 255, 3, 255, 6, 255, 255, 255, 255, 255, 255, 255, 255, 255)).AsUInt16();
        Vector128<ushort> middle = Vector128.Shuffle(index, Vector128.Create((byte)10, 255, 1, 255, 4, 255, 7, 255, 255, 255, 255, 255, 255, 255, 255, 255)).AsUInt16();
        Vector128<ushort> highest = Vector128.Shuffle(index, Vector128.Create((byte)255, 255, 2, 255, 5, 255, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255)).AsUInt16();
        ulong four = (lowest | (middle << 5) | (highest << 10)).AsUInt64().ToScalar();
        words[0] = (ushort)four;
        words[TableShape.Rows] = (ushort)(four >> 16);
        words[2 * TableShape.Rows] = (ushort)(four >> 32);
        words[3 * TableShape.Rows] = (ushort)(four >> 48);
        var raised = Vector128.Max((first + Vector128<sbyte>.One).AsByte(), (Vector128.Load(numbers + 16) + Vector128<sbyte>.One).AsByte());
        return Vector128.LessThanAll(raised, Vector128.Create((byte)3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Build(ReadOnlySpan<sbyte> x, Span<short> tables)
    {
        TableEntries.Ternary(x[9], x[20], x[31]).CopyTo(tables);
        TableEntries.Ternary(x[10], x[21], 0).CopyTo(tables[32..]);
        for (int table = 0; table < 9; table++)
            TableEntries.Ternary(x[table], x[table + 11], x[table + 22]).CopyTo(tables.Slice((32 * table) + 64, 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum<TWords>(byte* words, byte* tables, byte* sums, bool more)
        where TWords : unmanaged, ITableWords<TWords>
    {
        TWords t0 = TWords.Load(tables), t1 = TWords.Load(tables + 64);
        TWords v0 = Two<TWords>(words, t0, t1), v1 = Two<TWords>(words + 64, t0, t1);
        TWords v2 = Two<TWords>(words + 128, t0, t1), v3 = Two<TWords>(words + 192, t0, t1);
        words += 256;
        tables += 128;
        for (int word = 0; word < 3; word++, words += 256, tables += 192)
        {
            t0 = TWords.Load(tables);
            t1 = TWords.Load(tables + 64);
            TWords t2 = TWords.Load(tables + 128);
            v0 += Three<TWords>(words, t0, t1, t2);
            v1 += Three<TWords>(words + 64, t0, t1, t2);
            v2 += Three<TWords>(words + 128, t0, t1, t2);
            v3 += Three<TWords>(words + 192, t0, t1, t2);
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
        TWords a0 = TWords.Load(tables), a1 = TWords.Load(tables + 64), b0 = TWords.Load(others), b1 = TWords.Load(others + 64);
        for (int part = 0; part < 256; part += 64)
        {
            TWords w0 = TWords.Load(words + part), w1 = TWords.Next(w0, 5);
            TWords.Store(TWords.Look(a0, w0) + TWords.Look(a1, w1), sums + part);
            TWords.Store(TWords.Look(b0, w0) + TWords.Look(b1, w1), sums + room + part);
        }

        for (int part = 0; part < 256; part += 64)
        {
            TWords a = TWords.Load(sums + part), b = TWords.Load(sums + room + part);
            for (int word = 0; word < 3; word++)
            {
                byte* of = tables + 128 + (192 * word), ofOther = others + 128 + (192 * word);
                TWords w0 = TWords.Load(words + 256 + (256 * word) + part), w1 = TWords.Next(w0, 5), w2 = TWords.Next(w0, 10);
                a += TWords.Look(TWords.Load(of), w0) + TWords.Look(TWords.Load(of + 64), w1) + TWords.Look(TWords.Load(of + 128), w2);
                b += TWords.Look(TWords.Load(ofOther), w0) + TWords.Look(TWords.Load(ofOther + 64), w1) + TWords.Look(TWords.Load(ofOther + 128), w2);
            }

            TWords.Store(a, sums + part);
            TWords.Store(b, sums + room + part);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWords Three<TWords>(byte* at, TWords t0, TWords t1, TWords t2)
        where TWords : unmanaged, ITableWords<TWords>
    {
        TWords words = TWords.Load(at);
        return TWords.Look(t0, words) + TWords.Look(t1, TWords.Next(words, 5)) + TWords.Look(t2, TWords.Next(words, 10));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TWords Two<TWords>(byte* at, TWords t0, TWords t1)
        where TWords : unmanaged, ITableWords<TWords>
    {
        TWords words = TWords.Load(at);
        return TWords.Look(t0, words) + TWords.Look(t1, TWords.Next(words, 5));
    }
}
