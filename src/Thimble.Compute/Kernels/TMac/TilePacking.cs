using System.Runtime.CompilerServices;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>Unpacks rows, a tile at a time so that they stay in the nearest cache, and puts what they hold where it belongs.</summary>
internal readonly unsafe ref struct TilePacking<TCode, TScales>(Weight weight, Allocation tiles, ref int strange) : ITeamWork
    where TCode : struct, ITableCode
    where TScales : struct, ITableScales
{
    private const int Rows = TableShape.Rows, Block = TableShape.Block, Columns = TableShape.Blocks * Block;
    private const int Behind = 16;   // bytes that coding may read past the last number

    private readonly Weight _weight = weight;
    private readonly Allocation _tiles = tiles;
    private readonly ref int _strange = ref strange;

    private static int HeaderBytes => TScales.HasOffset ? 64 : 32;

    private static int WordBytes => Block / TCode.Columns * TCode.Words * Rows * sizeof(ushort);

    /// <summary>Bytes of a tile with so many blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TileBytes(int blocks) => (blocks * WordBytes) + (Rows / PanelShape.Rows * ScaleBytes(blocks));

    /// <summary>Bytes of the scales of sixteen rows with so many blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ScaleBytes(int blocks) => ((blocks / TScales.HeaderBlocks) + (TScales.IsCoded ? blocks : 0)) * HeaderBytes;

    [MethodImpl(HotLoop.Compiled)]
    public void Run(int member, int members)
    {
        int high = (_weight.Rows + Rows - 1) / Rows, blocks = _weight.Columns / Block;
        (int first, int end) = Shares.Of(high, 1, member, members);
        var room = new RowParts(_weight.Format);
        for (int tile = first; tile < end; tile++)
        {
            for (int block = 0; block < blocks; block += TableShape.Blocks)
            {
                int wide = Math.Min(TableShape.Blocks, blocks - block);
                byte* at = _tiles.Start + ((long)high * TileBytes(block)) + ((long)tile * TileBytes(wide));
                room.Read(_weight, tile * Rows, block * Block, wide * Block);
                if (!TryPack(room, wide, at))
                {
                    Volatile.Write(ref _strange, 1);
                    return;
                }

                PackScales(room, wide, at + (wide * WordBytes));
            }
        }
    }

    [MethodImpl(HotLoop.Compiled)]
    private static bool TryPack(RowParts room, int blocks, byte* words)
    {
        int steps = blocks * Block / TCode.Columns, stepWords = TCode.Words * Rows;
        bool known = true;
        fixed (sbyte* quants = room.Quants)
        {
            for (int row = 0; row < Rows; row++)
            {
                int place = (row / 32 * 32) + (TScales.Groups == 2 ? TableOrder.Paired(row % 32) : TableOrder.Single(row % 32));
                sbyte* from = quants + (row * Columns);
                ushort* to = (ushort*)words + place;
                for (int step = 0; step < steps; step++, from += TCode.Columns, to += stepWords)
                    known &= TCode.TryPack(from, to);
            }
        }

        return known;
    }

    [MethodImpl(HotLoop.Compiled)]
    private static void PackScales(RowParts room, int blocks, byte* scales)
    {
        int groups = TScales.Groups, sixteen = ScaleBytes(blocks), parts = room.Tops;
        for (int row = 0; row < Rows; row++)
        {
            byte* to = scales + (row / 32 * 2 * sixteen) + (row / 16 % 2 * HeaderBytes);
            int inner = row % 16, code = TScales.Groups == 2 ? 0 : row / 16 % 2;
            for (int block = 0; block < blocks; block++)
            {
                int at = (row * room.Groups) + (block * groups), top = (row * parts) + (block * parts / TableShape.Blocks);
                if (block % TScales.HeaderBlocks == 0)
                {
                    ((Half*)to)[inner] = TScales.IsCoded ? room.Heads[top] : HalfFloat.Narrow(room.Scales[at]);
                    if (TScales.HasOffset)
                        ((Half*)to)[16 + inner] = TScales.IsCoded ? room.Floors[top] : HalfFloat.Narrow(room.Offsets[at]);
                    to += 2 * HeaderBytes;
                }

                if (!TScales.IsCoded)
                    continue;
                var here = new GroupScale(room.Scales[at], room.Offsets[at], room.Heads[top], room.Floors[top]);
                var next = new GroupScale(room.Scales[at + groups - 1], room.Offsets[at + groups - 1], room.Heads[top], room.Floors[top]);
                if (TScales.Groups == 2)
                    (to[2 * inner], to[(2 * inner) + 1]) = ((byte)here.Code, (byte)next.Code);
                else
                    (to[(2 * inner) + code], to[(2 * inner) + 1 - code]) = ((byte)here.Code, 0);
                if (TScales.HasOffset)
                    (to[32 + (2 * inner)], to[33 + (2 * inner)]) = ((byte)here.FloorCode, (byte)next.FloorCode);
                to += 2 * HeaderBytes;
            }
        }
    }

    /// <summary>What 128 rows hold in 256 columns.</summary>
    private sealed class RowParts(BlockFormat format)
    {
        /// <summary>Groups and blocks of a format in 256 columns.</summary>
        public readonly int Groups = Columns / format.Group, Tops = Columns / format.BlockLength;

        public readonly sbyte[] Quants = new sbyte[(Rows * Columns) + Behind];

        public readonly float[] Scales = new float[Rows * Columns / format.Group], Offsets = new float[Rows * Columns / format.Group];

        public readonly Half[] Heads = new Half[Rows * Columns / format.BlockLength], Floors = new Half[Rows * Columns / format.BlockLength];

        [MethodImpl(HotLoop.Compiled)]
        public void Read(Weight weight, int row, int column, int columns)
        {
            BlockFormat format = weight.Format;
            int start = (int)format.RowBytes(column), bytes = (int)format.RowBytes(columns);
            for (int i = 0; i < Rows; i++)
            {
                // Rows that fill the last tile up repeat its last one; their products are dropped.
                ReadOnlySpan<byte> blocks = weight.Row(Math.Min(weight.Rows - 1, row + i)).Slice(start, bytes);
                format.Unpack(blocks, Quants.AsSpan(i * Columns, columns), Scales.AsSpan(i * Groups, Groups), Offsets.AsSpan(i * Groups, Groups));
                if (TScales.IsCoded)
                    format.TryTops(blocks, Heads.AsSpan(i * Tops, Tops), Floors.AsSpan(i * Tops, Tops));
            }
        }
    }
}
