using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Thimble.Compute.Formats;

namespace Thimble.Models.Files;

/// <summary>A matrix of small whole numbers under a scale and a zero for each row and group of columns: <c>w = (quant − zero) · scale</c>.</summary>
/// <remarks>Q4_0 and Q8_0 have the same formula with zeros 8 and 0 and a half for every 32 columns: where all zeros are the middle, groups
/// are runs of a multiple of 32 columns and scales are halves, numbers are moved there and stay what they are. Everything else becomes F32,
/// which holds them exactly too.</remarks>
/// <param name="Packing">Where the numbers lie.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
/// <param name="Bits">Bits of a number.</param>
/// <param name="Scales">Shape [groups, rows].</param>
/// <param name="GroupOf">Each column's group.</param>
internal sealed record PackedMatrix(IPacking Packing, int Rows, int Columns, int Bits, SafeTensor Scales, int[] GroupOf)
{
    private const int BlockLength = 32, Together = 16;   // rows unpacked together: a cache line of words

    private readonly float[] _scales = Scales.Values();

    private int Groups => (int)Scales.Shape[0];

    /// <summary>The matrix as a tensor, computed when asked for.</summary>
    /// <param name="name">GGUF's name for it.</param>
    public StoredTensor Tensor(string name)
    {
        string format = !InBlocks() ? "F32" : Bits == 4 ? "Q4_0" : "Q8_0";
        BlockFormat blocks = BlockFormats.Named(format);
        int rowBytes = checked((int)blocks.RowBytes(Columns));
        return Computed.Tensor(name, blocks, [Columns, Rows], memory => Parallel.For(0, (Rows + Together - 1) / Together, block =>
        {
            int first = block * Together, count = Math.Min(Together, Rows - first);
            byte[] quants = ArrayPool<byte>.Shared.Rent(count * Columns);
            Packing.Rows(first, count, quants.AsSpan(0, count * Columns));
            for (int i = 0; i < count; i++)
            {
                Span<byte> target = memory.Slice((long)(first + i) * rowBytes, rowBytes);
                ReadOnlySpan<byte> row = quants.AsSpan(i * Columns, Columns);
                if (format == "F32")
                    WriteFloats(first + i, row, MemoryMarshal.Cast<byte, float>(target));
                else
                    WriteBlocks(first + i, row, target);
            }

            ArrayPool<byte>.Shared.Return(quants);
        }));
    }

    private bool InBlocks()
    {
        if (Bits is not (4 or 8) || Scales.Dtype.Name != "F16" || Columns % BlockLength != 0)
            return false;
        for (int column = 0; column < Columns; column++)
        {
            if (GroupOf[column] != GroupOf[column / BlockLength * BlockLength])
                return false;
        }

        for (int group = 0; group < Groups; group++)
        {
            for (int row = 0; row < Rows; row++)
            {
                if (Packing.Zero(group, row) != 1 << (Bits - 1))
                    return false;
            }
        }

        return true;
    }

    private void WriteFloats(int row, ReadOnlySpan<byte> quants, Span<float> target)
    {
        int[] zeros = new int[Groups];
        for (int group = 0; group < zeros.Length; group++)
            zeros[group] = Packing.Zero(group, row);
        for (int i = 0; i < target.Length; i++)
            target[i] = (quants[i] - zeros[GroupOf[i]]) * _scales[(GroupOf[i] * Rows) + row];
    }

    private void WriteBlocks(int row, ReadOnlySpan<byte> quants, Span<byte> target)
    {
        int length = 2 + (BlockLength * Bits / 8);
        for (int first = 0; target.Length > 0; first += BlockLength, target = target[length..])
        {
            BinaryPrimitives.WriteHalfLittleEndian(target, (Half)_scales[(GroupOf[first] * Rows) + row]);
            for (int i = 0; i < length - 2; i++)
            {
                target[2 + i] = Bits == 8
                    ? (byte)(quants[first + i] - 128)
                    : (byte)(quants[first + i] | (quants[first + i + (BlockLength / 2)] << 4));
            }
        }
    }
}
