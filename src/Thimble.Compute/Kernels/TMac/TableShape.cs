using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>How rows of a format are packed to be multiplied by lookups.</summary>
/// <remarks>A tile is 128 rows and up to 256 columns, and what follows a tile in memory is the tile below it, then the columns to the right:
/// the tables of 256 columns stay in the nearest cache while all rows meet them. In a tile lie the words of all its blocks, then for each
/// 32 rows their scales: for each header's columns the header, and for each block of 32 columns the codes of its groups, both of them those
/// of sixteen rows and then of the next sixteen. So memory is read in order, which is worth a factor of three where no cache holds it.</remarks>
internal abstract unsafe class TableShape
{
    /// <summary>Rows of a tile: four registers, so that a table once loaded serves them all.</summary>
    public const int Rows = 128;

    /// <summary>Columns of a block.</summary>
    public const int Block = PanelShape.Block;

    /// <summary>Blocks of a tile, but for those at the right edge.</summary>
    public const int Blocks = 8;

    /// <summary>Columns that a row's length must be a multiple of.</summary>
    public abstract int Grain { get; }

    /// <summary>Bytes of a tile with so many blocks.</summary>
    public abstract int TileBytes(int blocks);

    /// <summary>Bytes of one token's tables for so many blocks.</summary>
    public abstract int TablesBytes(int blocks);

    /// <summary>Packs a weight.</summary>
    /// <returns>Whether the shape has codes for all its numbers.</returns>
    public abstract bool TryPack(Weight weight, Allocation tiles, Team team);

    /// <summary>Fills the tables of a task's tokens and columns.</summary>
    public abstract void Build(in TableTask task);

    /// <summary>Adds products of tiles, one below the other, with tokens.</summary>
    public abstract void Multiply<TWords, TSums, TLane>(in TableTask task)
        where TWords : unmanaged, ITableWords<TWords>
        where TSums : struct, ITableSums<TLane>
        where TLane : unmanaged, ILane<TLane>;
}

/// <summary>Tiles to be multiplied.</summary>
internal readonly unsafe ref struct TableTask
{
    /// <summary>The uppermost tile.</summary>
    public required byte* Tiles { get; init; }

    /// <summary>The first block of 32 columns of theirs, counted in a whole row.</summary>
    public required int Block { get; init; }

    /// <summary>Blocks of each.</summary>
    public required int Blocks { get; init; }

    /// <summary>The tokens' tables for these columns, one token's behind the other's.</summary>
    public required byte* Tables { get; init; }

    /// <summary>The tokens, in bytes.</summary>
    public required Activations X { get; init; }

    /// <summary>The first of the tokens that the tiles are to meet.</summary>
    public required int Token { get; init; }

    /// <summary>How many they are to meet.</summary>
    public required int Tokens { get; init; }

    /// <summary>What products are added to, shape [tokens, ≥ column + rows].</summary>
    public required Matrix Y { get; init; }

    /// <summary>Where in a row of <see cref="Y"/> the products begin.</summary>
    public required int Column { get; init; }

    /// <summary>Rows: there are as many tiles as it takes.</summary>
    public required int Rows { get; init; }
}

/// <summary>A tile whose codes and scales are of known types.</summary>
internal sealed unsafe class TableShape<TCode, TScales> : TableShape
    where TCode : struct, ITableCode
    where TScales : struct, ITableScales
{
    private const int Registers = Rows * sizeof(short);                        // bytes of a tile's sums in 16 bits
    private const int Room = 2 * Blocks * Registers;                           // of one token's sums: two groups a block at most

    private static int Steps => Block / TCode.Columns;

    private static int StepBytes => TCode.Words * Rows * sizeof(ushort);

    private static int StepTables => TCode.Tables * 64;

    public override int Grain => Block * TScales.HeaderBlocks;

    public override int TileBytes(int blocks) => TilePacking<TCode, TScales>.TileBytes(blocks);

    public override int TablesBytes(int blocks) => blocks * Steps * StepTables;

    public override bool TryPack(Weight weight, Allocation tiles, Team team)
    {
        int strange = 0;
        team.Run(new TilePacking<TCode, TScales>(weight, tiles, ref strange));
        return strange == 0;
    }

    [MethodImpl(HotLoop.Compiled)]   // every token runs it: its first, unoptimised form would cost more than rows
    public override void Build(in TableTask task)
    {
        byte* tables = task.Tables;
        int tokens = task.X.Values.Rows, end = task.Block + task.Blocks;
        for (int token = task.Token; token < task.Token + task.Tokens; token++)
        {
            for (int block = task.Block; block < end; block++)
            {
                ReadOnlySpan<sbyte> x = task.X.Quants.Slice(((block * tokens) + token) * Block, Block);
                for (int column = 0; column < Block; column += TCode.Columns, tables += StepTables)
                    TCode.Build(x.Slice(column, TCode.Columns), new(tables, TCode.Tables * 32));
            }
        }
    }

    [SkipLocalsInit]
    public override void Multiply<TWords, TSums, TLane>(in TableTask task)
    {
        byte* room = stackalloc byte[(2 * Room) + (Rows * sizeof(float)) + 63];
        byte* sums = (byte*)(((nint)room + 63) & ~63), tile = task.Tiles;
        var edge = new Span<float>(sums + (2 * Room), Rows);
        int tileBytes = TileBytes(task.Blocks), tableBytes = TablesBytes(task.Blocks), words = task.Blocks * Steps * StepBytes;
        for (int row = 0; row < task.Rows; row += Rows, tile += tileBytes)
        {
            int rows = Math.Min(Rows, task.Rows - row);
            for (int token = 0; token < task.Tokens; token += 2)
            {
                int both = Math.Min(2, task.Tokens - token);
                byte* tables = task.Tables + ((long)token * tableBytes);
                if (both == 2)
                    SumTwo<TWords>(tile, tables, tables + tableBytes, sums, task.Blocks);
                else
                    Sum<TWords>(tile, tables, sums, task.Blocks);
                for (int i = 0; i < both; i++)
                {
                    Span<float> y = task.Y[task.Token + token + i].Slice(task.Column + row, rows);
                    if (rows < Rows)
                        y.CopyTo(edge);
                    fixed (float* to = rows < Rows ? edge : y)
                        Finish<TSums, TLane>(in task, task.Token + token + i, tile + words, sums + (i * Room), to);
                    if (rows < Rows)
                        edge[..rows].CopyTo(y);
                }
            }
        }
    }

    /// <summary>The sums of a tile's groups with one token, in 16 bits.</summary>
    [MethodImpl(HotLoop.Compiled)]
    private static void Sum<TWords>(byte* words, byte* tables, byte* sums, int blocks)
        where TWords : unmanaged, ITableWords<TWords>
    {
        int stepBytes = StepBytes, stepTables = StepTables, steps = blocks * Steps, halves = Steps / TScales.Groups;   // steps of one group: 1 or 2
        for (int step = 0; step < steps; step++, words += stepBytes, tables += stepTables)
            TCode.Sum<TWords>(words, tables, sums + (step / halves * Registers), halves == 2 && step % 2 == 1);
    }

    /// <summary>Likewise with two tokens.</summary>
    [MethodImpl(HotLoop.Compiled)]
    private static void SumTwo<TWords>(byte* words, byte* tables, byte* others, byte* sums, int blocks)
        where TWords : unmanaged, ITableWords<TWords>
    {
        int stepBytes = StepBytes, stepTables = StepTables, steps = blocks * Steps, halves = Steps / TScales.Groups;
        for (int step = 0; step < steps; step++, words += stepBytes, tables += stepTables, others += stepTables)
            TCode.SumTwo<TWords>(words, tables, others, sums + (step / halves * Registers), Room, halves == 2 && step % 2 == 1);
    }

    /// <summary>The arithmetic of <see cref="PanelProducts{TNumbers, TScales}"/> in its order, so that the bits are the same.</summary>
    [MethodImpl(HotLoop.Compiled)]
    private static void Finish<TSums, TLane>(in TableTask task, int token, byte* scales, byte* sums, float* y)
        where TSums : struct, ITableSums<TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        int tokens = task.X.Values.Rows, blocks = task.Blocks, at = (task.Block * tokens) + token;
        int quarter = 2 * TilePacking<TCode, TScales>.ScaleBytes(blocks);
        ref float xScale = ref Unsafe.Add(ref MemoryMarshal.GetReference(task.X.Scales), at);
        ref short totals = ref Unsafe.Add(ref MemoryMarshal.GetReference(task.X.Sums), 2 * at);
        for (int row = 0; row < Rows; row += 32, sums += 64, y += 32, scales += quarter)
        {
            for (int i = 0; i < 16; i += TLane.Count)
                Both<TSums, TLane>(scales, sums, i, ref xScale, ref totals, tokens, blocks, y + i);
        }
    }

    /// <summary>A register of rows and the one sixteen rows below, which lie in the same words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Both<TSums, TLane>(
        byte* scales, byte* sums, int row, ref float xScale, ref short totals, nint tokens, int blocks, float* y)
        where TSums : struct, ITableSums<TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        int headerBytes = TScales.HasOffset ? 64 : 32;
        TLane sum0 = TLane.Load(in *y), sum1 = TLane.Load(in y[16]), top0 = TLane.Fill(0), top1 = top0, floor0 = top0, floor1 = top0;
        for (int block = 0; block < blocks; block += TScales.HeaderBlocks)
        {
            Head(scales, row, out top0, out floor0);
            Head(scales + headerBytes, row, out top1, out floor1);
            scales += 2 * headerBytes;
            for (int i = 0; i < TScales.HeaderBlocks; i++)
            {
                int first = totals, second = Unsafe.Add(ref totals, 1);
                TLane scale = TLane.Fill(xScale);
                sum0 = TLane.MultiplyAdd(Product<TSums, TLane>(sums, row, first, second, scales, top0, floor0), scale, sum0);
                sum1 = TLane.MultiplyAdd(Product<TSums, TLane>(sums, row + 16, first, second, scales + headerBytes, top1, floor1), scale, sum1);
                if (TScales.IsCoded)
                    scales += 2 * headerBytes;
                sums += TScales.Groups * Registers;
                xScale = ref Unsafe.Add(ref xScale, tokens);
                totals = ref Unsafe.Add(ref totals, 2 * tokens);
            }
        }

        TLane.Store(sum0, ref *y);
        TLane.Store(sum1, ref y[16]);
    }

    /// <summary>The scales of a header, and the floors: where they have codes, what is stored is taken off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Head<TLane>(byte* header, int row, out TLane top, out TLane floor)
        where TLane : unmanaged, ILane<TLane>
    {
        top = PanelBytes.Halves<TLane>(in *header, 0, row);
        floor = TLane.Fill(0);
        if (TScales.HasOffset)
            floor = TScales.IsCoded ? floor - PanelBytes.Halves<TLane>(in *header, 32, row) : PanelBytes.Halves<TLane>(in *header, 32, row);
    }

    /// <summary>A block's product but for the token's scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Product<TSums, TLane>(byte* sums, int row, int first, int second, byte* codes, TLane top, TLane floor)
        where TSums : struct, ITableSums<TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        int middle = TCode.Middle, rest = middle - TCode.Bias, all = first + second;
        TLane product;
        if (TScales.Groups == 2)
            product = TSums.Paired(sums, sums + Registers, row, TCode.Bias == 0 ? 0 : Pair(TCode.Bias * first, TCode.Bias * second), codes);
        else if (TScales.IsCoded)
            product = TSums.Coded(sums, row, (short)(middle * all), (short)(rest * all), codes);
        else
            product = TSums.Plain(sums, row, (short)(middle * all), rest * all);
        product *= top;
        if (TScales.HasOffset)
            product = TLane.MultiplyAdd(TScales.IsCoded ? TSums.Floors(Pair(first, second), row, codes + 32) : TLane.Fill(all), floor, product);
        return product;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Pair(int first, int second) => (first & 0xFFFF) | (second << 16);
}
