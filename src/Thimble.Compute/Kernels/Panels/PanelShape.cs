using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;

namespace Thimble.Compute.Kernels;

/// <summary>How rows of a format are packed by sixteen: chosen once for each format.</summary>
/// <remarks>A panel is sixteen rows. It lies in memory in the order in which a product reads it: for each header's columns the
/// header, then block after block of 32 columns the numbers of all rows and the codes of their groups.</remarks>
internal abstract class PanelShape
{
    /// <summary>Rows of a panel.</summary>
    public const int Rows = 16;

    /// <summary>Columns of a block.</summary>
    public const int Block = 32;

    /// <summary>Tokens that meet a panel at a time: their bytes and sums stay in the nearest caches.</summary>
    public const int Tile = 64;

    /// <summary>Whether this machine has registers of bytes that multiply.</summary>
    public static bool IsSupported => Simd.V256.IsSupported || Simd.DotBytes128.IsSupported;

    /// <summary>Columns that a panel's length must be a multiple of.</summary>
    public abstract int Grain { get; }

    /// <summary>Whether a tile of tokens is wanted in 16 bits too.</summary>
    public abstract bool TakesShorts { get; }

    /// <summary>Bytes of a panel with so many columns.</summary>
    public abstract long PanelBytes(int columns);

    /// <summary>Packs a weight.</summary>
    /// <param name="weight">The weight, its columns a multiple of <see cref="Grain"/>.</param>
    /// <param name="panels">Receives the panels, shape [⌈rows / 16⌉ · <see cref="PanelBytes"/>].</param>
    /// <param name="team">Shares the work.</param>
    public abstract void Pack(Weight weight, Allocation panels, Team team);

    /// <summary>Products of one panel with tokens.</summary>
    public abstract void Multiply(in PanelTask task);
}

/// <summary>How a panel meets several tokens: all give the same bits.</summary>
internal enum PanelWay
{
    /// <summary>Once for each: no block is kept unpacked, no sum leaves its register.</summary>
    EachToken,

    /// <summary>Once for four at a time, whose sums stay in registers; fewer than four go as a tile.</summary>
    Fours,

    /// <summary>Once for all: a block is unpacked once, the sums go to the nearest cache and back.</summary>
    Tile,
}

/// <summary>A panel to be multiplied.</summary>
internal readonly unsafe ref struct PanelTask
{
    /// <summary>The panel.</summary>
    public required byte* Panel { get; init; }

    /// <summary>Columns.</summary>
    public required int Columns { get; init; }

    /// <summary>The tokens.</summary>
    public required PanelTile X { get; init; }

    /// <summary>Receives the products, shape [tokens, ≥ column + rows].</summary>
    public required Matrix Y { get; init; }

    /// <summary>Where in a row of <see cref="Y"/> the panel's products begin.</summary>
    public required int Column { get; init; }

    /// <summary>Rows of the panel that are wanted, in 1 to 16.</summary>
    public required int Rows { get; init; }

    /// <summary>How it meets them.</summary>
    public required PanelWay Way { get; init; }
}

/// <summary>A panel whose numbers, scales and groups are of known types.</summary>
internal sealed class PanelShape<TNumbers, TScales> : PanelShape
    where TNumbers : struct, IPanelQuants
    where TScales : struct, IPanelScales
{
    private static int BlockBytes => TNumbers.Bytes + TScales.BlockBytes;

    public override int Grain => Block * TScales.HeaderBlocks;

    public override bool TakesShorts => TNumbers.Span == 1 && Simd.V512.IsSupported && Simd.Bytes512.TakesShorts;

    public override long PanelBytes(int columns) =>
        (long)columns / Grain * (TScales.HeaderBytes + (TScales.HeaderBlocks * BlockBytes));

    public override void Pack(Weight weight, Allocation panels, Team team) => team.Run(new Packing(weight, panels, PanelBytes(weight.Columns)));

    public override void Multiply(in PanelTask task)
    {
        if (Simd.V512.IsSupported)
            new PanelProducts<TNumbers, TScales>(in task).Run<Simd.Bytes512, Simd.V512>();
        else if (Simd.V256.IsSupported)
            new PanelProducts<TNumbers, TScales>(in task).Run<Simd.Bytes256, Simd.V256>();
        else
            new PanelProducts<TNumbers, TScales>(in task).Run<Simd.DotBytes128, Simd.V128>();
    }

    /// <summary>Unpacks sixteen rows at a time and packs them side by side.</summary>
    private readonly struct Packing(Weight weight, Allocation panels, long panelBytes) : ITeamWork
    {
        public void Run(int member, int members)
        {
            (int first, int end) = Shares.Of((weight.Rows + Rows - 1) / Rows, 1, member, members);
            int columns = weight.Columns, groups = columns / Block * TScales.Groups, tops = columns / weight.Format.BlockLength;
            sbyte[] quants = new sbyte[Rows * columns];
            float[] scales = new float[Rows * groups], offsets = new float[Rows * groups];
            Half[] heads = new Half[Rows * tops], floors = new Half[Rows * tops];
            for (int panel = first; panel < end; panel++)
            {
                for (int row = 0; row < Rows; row++)
                {
                    // Rows that fill the last panel up repeat its last one; their products are dropped.
                    ReadOnlySpan<byte> blocks = weight.Row(Math.Min(weight.Rows - 1, (panel * Rows) + row));
                    weight.Format.Unpack(
                        blocks, quants.AsSpan(row * columns, columns), scales.AsSpan(row * groups, groups), offsets.AsSpan(row * groups, groups));
                    weight.Format.TryTops(blocks, heads.AsSpan(row * tops, tops), floors.AsSpan(row * tops, tops));
                }

                Pack(quants, scales, offsets, heads, floors, panels.Slice(panel * panelBytes, (int)panelBytes));
            }
        }

        private void Pack(sbyte[] quants, float[] scales, float[] offsets, Half[] heads, Half[] floors, Span<byte> panel)
        {
            int columns = weight.Columns, groups = columns / Block * TScales.Groups, tops = heads.Length / Rows;
            Span<byte> numbers = stackalloc byte[8 * 64];
            Span<byte> header = [];
            for (int block = 0; block < columns / Block; block++)
            {
                if (block % TScales.HeaderBlocks == 0)
                {
                    header = panel[..TScales.HeaderBytes];
                    panel = panel[TScales.HeaderBytes..];
                }

                Gather(quants, block * Block, columns, numbers);
                TNumbers.Pack(numbers, panel[..TNumbers.Bytes]);
                panel = panel[TNumbers.Bytes..];
                for (int row = 0; row < Rows; row++)
                {
                    int first = (row * groups) + (block * TScales.Groups), second = first + TScales.Groups - 1;
                    int top = (row * tops) + (block * Block / weight.Format.BlockLength);
                    TScales.Pack(
                        header, panel[..TScales.BlockBytes], row,
                        new(scales[first], offsets[first], heads[top], floors[top]), new(scales[second], offsets[second], heads[top], floors[top]));
                }

                panel = panel[TScales.BlockBytes..];
            }
        }

        /// <summary>Thirty-two columns of all rows, four columns of a row side by side, the bias added.</summary>
        private static void Gather(sbyte[] quants, int column, int columns, Span<byte> numbers)
        {
            Span<int> fours = MemoryMarshal.Cast<byte, int>(numbers);
            for (int row = 0; row < Rows; row++)
            {
                ReadOnlySpan<int> from = MemoryMarshal.Cast<sbyte, int>(quants.AsSpan((row * columns) + column, Block));
                for (int i = 0; i < from.Length; i++)
                    fours[(i * Rows) + row] = from[i];
            }

            var bias = Vector256.Create((byte)TNumbers.Bias);
            for (int i = 0; i < numbers.Length; i += 32)
                (Vector256.Create<byte>(numbers[i..]) + bias).CopyTo(numbers[i..]);
        }
    }
}
