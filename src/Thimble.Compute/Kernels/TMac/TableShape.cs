using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>How rows of a format are packed to be multiplied by lookups.</summary>
/// <remarks>A tile is 128 rows and up to 256 columns, and what follows a tile in memory is the tile below it, then the columns to the right:
/// the tables of 256 columns stay in the nearest cache while all rows meet them. In a tile lie, for each header's columns, the header, then
/// block after block of 32 columns the words of all rows and the codes of their groups, those of sixteen rows together.</remarks>
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

    /// <summary>Fills one token's tables for all columns.</summary>
    public abstract void Build(in Activations x, int token, byte* tables);

    /// <summary>Adds products of tiles, one below the other, with one token.</summary>
    public abstract void Multiply<TWords, TLane>(in TableTask task)
        where TWords : unmanaged, ITableWords<TWords, TLane>
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

    /// <summary>The token's tables for these columns.</summary>
    public required byte* Tables { get; init; }

    /// <summary>The tokens, in bytes.</summary>
    public required Activations X { get; init; }

    /// <summary>Which token.</summary>
    public required int Token { get; init; }

    /// <summary>What products are added to, shape [rows]: there are as many tiles as it takes.</summary>
    public required Span<float> Y { get; init; }
}

/// <summary>A tile whose codes, scales and groups are of known types.</summary>
internal sealed unsafe class TableShape<TCode, TScales, TGroup> : TableShape
    where TCode : struct, ITableCode
    where TScales : struct, IPanelScales
    where TGroup : struct, IPanelGroup
{
    private const int Sixteens = Rows / PanelShape.Rows;

    private static int Groups => Block / TGroup.Columns;

    private static int Steps => Block / TCode.Columns;

    private static int StepBytes => TCode.Words * Rows * sizeof(ushort);

    private static int BlockBytes => (Steps * StepBytes) + (Groups * Sixteens * TScales.GroupBytes);

    public override int Grain => Block * TScales.HeaderBlocks;

    public override int TileBytes(int blocks) => BytesOf(blocks);

    private static int BytesOf(int blocks) => (blocks / TScales.HeaderBlocks * Sixteens * TScales.HeaderBytes) + (blocks * BlockBytes);

    public override int TablesBytes(int blocks) => blocks * Steps * TCode.Tables * 64;

    public override void Build(in Activations x, int token, byte* tables)
    {
        int tokens = x.Values.Rows;
        for (int column = 0; column < x.Values.Columns; column += TCode.Columns, tables += TCode.Tables * 64)
        {
            int at = (((column / Block * tokens) + token) * Block) + (column % Block);
            TCode.Build(x.Quants.Slice(at, TCode.Columns), new(tables, TCode.Tables * 32));
        }
    }

    [SkipLocalsInit]
    public override void Multiply<TWords, TLane>(in TableTask task)
    {
        byte* tile = task.Tiles;
        int tileBytes = TileBytes(task.Blocks), whole = task.Y.Length / Rows * Rows;
        fixed (float* y = task.Y)
        {
            for (int row = 0; row < whole; row += Rows, tile += tileBytes)
                Tile<TWords, TLane>(in task, tile, y + row);
        }

        if (whole == task.Y.Length)
            return;
        float* edge = stackalloc float[Rows];
        Span<float> last = task.Y[whole..];
        last.CopyTo(new(edge, Rows));
        Tile<TWords, TLane>(in task, tile, edge);
        new Span<float>(edge, last.Length).CopyTo(last);
    }

    /// <summary>For each block the products of its groups, exact, then the arithmetic of <see cref="PanelProducts{TNumbers, TScales, TGroup}"/>
    /// in its order, so that the bits are the same.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TWords, TLane>(in TableTask task, byte* tile, float* sums)
        where TWords : unmanaged, ITableWords<TWords, TLane>
        where TLane : unmanaged, ILane<TLane>
    {
        byte* room = stackalloc byte[(3 * 512) + 63];
        float* tops = (float*)(((nint)room + 63) & ~63), floors = tops + Rows;
        byte* first = (byte*)(floors + Rows), second = first + (2 * Rows), tables = task.Tables;

        // What types say is read once: calls for it inside would not all be inlined.
        int tokens = task.X.Values.Rows, steps = Steps, stepBytes = StepBytes, tableBytes = TCode.Tables * 64, codesBytes = Groups * Sixteens * TScales.GroupBytes;
        int middle = TCode.Middle, rest = middle - TCode.Bias, at = (task.Block * tokens) + task.Token;
        ref float scale = ref Unsafe.Add(ref MemoryMarshal.GetReference(task.X.Scales), at);
        ref short totals = ref Unsafe.Add(ref MemoryMarshal.GetReference(task.X.Sums), 2 * at);
        for (int block = 0; block < task.Blocks; block++)
        {
            if (TScales.HeaderBytes > 0 && block % TScales.HeaderBlocks == 0)
            {
                Head<TLane>(tile, tops, floors);
                tile += Sixteens * TScales.HeaderBytes;
            }

            for (int step = 0; step < steps; step++)
            {
                TCode.Sum<TWords, TLane>(tile, tables, TGroup.Columns < Block && step == 1 ? second : first, TGroup.Columns == Block && step > 0);
                tile += stepBytes;
                tables += tableBytes;
            }

            int next = Unsafe.Add(ref totals, 1), all = TGroup.Columns == Block ? totals + next : totals;
            TLane by = TLane.Fill(scale), byAll = TLane.Fill(scale * all), byNext = TLane.Fill(scale * next);
            byte* codes = tile;
            for (int row = 0; row < Rows; row += TLane.Count)
            {
                TLane sum = TLane.MultiplyAdd(
                    TWords.Floats(first + (2 * row), (short)(middle * all), rest * all) * by, Scale<TLane>(tops + row, codes, row % 16), TLane.Load(in sums[row]));
                if (TGroup.Columns < Block)
                {
                    sum = TLane.MultiplyAdd(
                        TWords.Floats(second + (2 * row), (short)(middle * next), rest * next) * by,
                        Scale<TLane>(tops + row, codes + (Sixteens * TScales.GroupBytes), row % 16), sum);
                }

                if (TScales.HasOffset)
                    sum = TLane.MultiplyAdd(Offset<TLane>(floors + row, codes, row % 16), byAll, sum);
                if (TScales.HasOffset && TGroup.Columns < Block)
                    sum = TLane.MultiplyAdd(Offset<TLane>(floors + row, codes + (Sixteens * TScales.GroupBytes), row % 16), byNext, sum);
                TLane.Store(sum, ref sums[row]);
                if ((row + TLane.Count) % 16 == 0)
                    codes += TScales.GroupBytes;
            }

            tile += codesBytes;
            scale = ref Unsafe.Add(ref scale, tokens);
            totals = ref Unsafe.Add(ref totals, 2 * tokens);
        }
    }

    /// <summary>Widens what a header holds, the floors negated: that is done once for all its blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Head<TLane>(byte* header, float* tops, float* floors)
        where TLane : unmanaged, ILane<TLane>
    {
        for (int row = 0; row < Rows; row += TLane.Count)
        {
            byte* from = header + (row / 16 * TScales.HeaderBytes);
            TLane.Store(PanelBytes.Halves<TLane>(in *from, 0, row % 16), ref tops[row]);
            if (TScales.HasOffset)
                TLane.Store(TLane.Fill(0) - PanelBytes.Halves<TLane>(in *from, 32, row % 16), ref floors[row]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Scale<TLane>(float* tops, byte* codes, int row)
        where TLane : unmanaged, ILane<TLane> =>
        TScales.HeaderBytes == 0 ? TScales.Scale<TLane>(in *codes, in *codes, row)
        : TScales.GroupBytes == 0 ? TLane.Load(in *tops)
        : TLane.Load(in *tops) * PanelBytes.Codes<TLane>(in *codes, row);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Offset<TLane>(float* floors, byte* codes, int row)
        where TLane : unmanaged, ILane<TLane> =>
        TScales.HeaderBytes == 0 ? TScales.Offset<TLane>(in *codes, in *codes, row)
        : TLane.Load(in *floors) * PanelBytes.Codes<TLane>(in *codes, 16 + row);

    public override bool TryPack(Weight weight, Allocation tiles, Team team)
    {
        int strange = 0;
        team.Run(new Packing(weight, tiles, TileBytes(Blocks), ref strange));
        return strange == 0;
    }

    /// <summary>Unpacks rows one by one and puts what they hold where it belongs.</summary>
    private readonly ref struct Packing(Weight weight, Allocation tiles, int tileBytes, ref int strange) : ITeamWork
    {
        private readonly Weight _weight = weight;
        private readonly Allocation _tiles = tiles;
        private readonly int _tileBytes = tileBytes;
        private readonly ref int _strange = ref strange;

        public void Run(int member, int members)
        {
            int high = (_weight.Rows + Rows - 1) / Rows, columns = _weight.Columns, groups = columns / TGroup.Columns, tops = columns / _weight.Format.BlockLength;
            (int first, int end) = Shares.Of(high, 1, member, members);
            sbyte[] quants = new sbyte[columns];
            float[] scales = new float[groups], offsets = new float[groups];
            Half[] heads = new Half[tops], floors = new Half[tops];
            for (int row = first * Rows; row < end * Rows && Volatile.Read(ref _strange) == 0; row++)
            {
                // Rows that fill the last tile up repeat its last one; their products are dropped.
                ReadOnlySpan<byte> blocks = _weight.Row(Math.Min(_weight.Rows - 1, row));
                _weight.Format.Unpack(blocks, quants, scales, offsets);
                _weight.Format.TryTops(blocks, heads, floors);
                for (int block = 0; block < columns / Block; block++)
                {
                    int wide = Math.Min(Blocks, (columns / Block) - (block / Blocks * Blocks));
                    byte* tile = _tiles.Start + ((long)block / Blocks * high * _tileBytes) + ((long)row / Rows * BytesOf(wide));
                    if (!TryPack(row % Rows, quants.AsSpan(block * Block, Block), tile + BlockAt(block % Blocks)))
                        Volatile.Write(ref _strange, 1);
                    for (int group = block * Groups; group < (block + 1) * Groups; group++)
                    {
                        int top = group * TGroup.Columns / _weight.Format.BlockLength;
                        PackScale(row % Rows, block % Blocks, group % Groups, new(scales[group], offsets[group], heads[top], floors[top]), tile);
                    }
                }
            }
        }

        private static bool TryPack(int row, ReadOnlySpan<sbyte> quants, byte* step)
        {
            bool known = true;
            Span<ushort> words = stackalloc ushort[TCode.Words];
            for (int column = 0; column < Block; column += TCode.Columns, step += StepBytes)
            {
                known &= TCode.TryPack(quants.Slice(column, TCode.Columns), words);
                for (int word = 0; word < words.Length; word++)
                    ((ushort*)step)[(word * Rows) + row] = words[word];
            }

            return known;
        }

        private static void PackScale(int row, int block, int group, in GroupScale scale, byte* tile)
        {
            byte* header = tile + BlockAt(block / TScales.HeaderBlocks * TScales.HeaderBlocks) - ((Sixteens - (row / 16)) * TScales.HeaderBytes);
            byte* codes = tile + BlockAt(block) + (Steps * StepBytes) + (((group * Sixteens) + (row / 16)) * TScales.GroupBytes);
            TScales.Pack(new(header, TScales.HeaderBytes), new(codes, TScales.GroupBytes), row % 16, in scale);
        }

        private static int BlockAt(int block) => (block * BlockBytes) + (((block / TScales.HeaderBlocks) + 1) * Sixteens * TScales.HeaderBytes);
    }
}

/// <summary>Blocks that share a scale.</summary>
internal interface IBlockCount
{
    /// <summary>How many.</summary>
    static abstract int Value { get; }
}

/// <inheritdoc />
internal readonly struct TwoBlocks : IBlockCount
{
    public static int Value => 2;
}

/// <inheritdoc />
internal readonly struct FourBlocks : IBlockCount
{
    public static int Value => 4;
}

/// <summary>One half for some blocks of 32 columns.</summary>
internal readonly struct RunScales<TBlocks> : IPanelScales
    where TBlocks : struct, IBlockCount
{
    public static int HeaderBytes => 32;

    public static int HeaderBlocks => TBlocks.Value;

    public static int GroupBytes => 0;

    public static bool HasOffset => false;

    public static void Pack(Span<byte> header, Span<byte> codes, int row, in GroupScale value) =>
        BinaryPrimitives.WriteHalfLittleEndian(header[(2 * row)..], HalfFloat.Narrow(value.Scale));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Scale<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> => PanelBytes.Halves<TLane>(in header, 0, row);

    public static TLane Offset<TLane>(ref readonly byte header, ref readonly byte codes, int row)
        where TLane : unmanaged, ILane<TLane> => TLane.Fill(0);
}
