using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Models.Files;

/// <summary>A matrix of nibbles under a half scale for each group of a row: <c>w = (nibble − 8) · scale</c>.</summary>
/// <remarks>
/// <para>Stored as the group size, then rows of ⌈columns / 2⌉ bytes, low nibble first, then a half for each row and group.
/// Q4_0 has the same nibbles and the same formula with a half for every 32, so where a group is a multiple of 32 and a row
/// is a whole number of blocks the scale is repeated and the values are the very same. Everything else becomes F32, which
/// holds a nibble times a half exactly too.</para>
/// <para>A matrix may grow: rows of zeros after each <i>part</i> (a gate of a recurrent cell, or all rows) and zero columns
/// at the end. That is exact wherever what the new rows give meets only what the new columns take.</para>
/// <para>Source: the esp32-ai export of per-layer-embedding models, <c>quantize.py</c>, and its recurrent sibling.</para>
/// </remarks>
internal sealed class Int4Matrix
{
    private const int BlockLength = 32, BlockBytes = 18;   // of Q4_0: a half, then nibbles of values 0-15 low and 16-31 high
    private const int Zero = 8;                            // the nibble that stands for 0

    private readonly Region _nibbles, _scales;
    private readonly int _columns, _group, _groups, _rowBytes;

    /// <summary>Takes the next matrix of a file.</summary>
    /// <param name="cursor">Where it starts.</param>
    /// <param name="name">GGUF's name for it, for messages.</param>
    /// <param name="rows">Rows, over all parts.</param>
    /// <param name="columns">Columns as stored.</param>
    /// <exception cref="InvalidDataException">The file ends, or the group size is none.</exception>
    internal Int4Matrix(FileCursor cursor, string name, long rows, int columns)
    {
        _columns = columns;
        _group = cursor.Int($"the group size of '{name}'", 1, FileCursor.LargestDimension);
        _rowBytes = (columns + 1) / 2;
        _groups = (columns + _group - 1) / _group;
        _nibbles = cursor.Take(rows * _rowBytes, $"the nibbles of '{name}'");
        _scales = cursor.Take(rows * _groups * sizeof(ushort), $"the scales of '{name}'");
    }

    /// <summary>The next whole number of blocks: 1066 becomes 1088.</summary>
    internal static int Padded(int size) => (size + BlockLength - 1) / BlockLength * BlockLength;

    /// <summary>The matrix as a tensor, computed when asked for.</summary>
    /// <param name="name">GGUF's name for it.</param>
    /// <param name="parts">Parts the rows come in, each padded by itself.</param>
    /// <param name="partRows">Rows of a part as stored.</param>
    /// <param name="paddedRows">Rows of a part in the tensor.</param>
    /// <param name="paddedColumns">Columns of the tensor.</param>
    internal StoredTensor Tensor(string name, int parts, int partRows, int paddedRows, int paddedColumns)
    {
        bool blocks = _group % BlockLength == 0 && paddedColumns % BlockLength == 0;
        BlockFormat format = BlockFormats.Named(blocks ? "Q4_0" : "F32");
        int rowBytes = checked((int)format.RowBytes(paddedColumns));
        return Computed.Tensor(name, format, [paddedColumns, (long)parts * paddedRows], memory =>
        {
            for (long row = 0; row < (long)parts * paddedRows; row++)
            {
                (long part, long within) = long.DivRem(row, paddedRows);
                long stored = within < partRows ? (part * partRows) + within : -1;
                Span<byte> target = memory.Slice(row * rowBytes, rowBytes);
                if (blocks)
                    WriteBlocks(stored, target);
                else
                    WriteFloats(stored, MemoryMarshal.Cast<byte, float>(target));
            }
        });
    }

    /// <summary>One row of Q4_0 blocks; row −1 is a row of zeros.</summary>
    private void WriteBlocks(long row, Span<byte> target)
    {
        ReadOnlySpan<byte> nibbles = row < 0 ? [] : _nibbles.Slice(row * _rowBytes, _rowBytes);
        ReadOnlySpan<byte> scales = row < 0 ? [] : Scales(row);
        for (int first = 0; target.Length > 0; first += BlockLength, target = target[BlockBytes..])
        {
            if (first < _columns && row >= 0)
                scales.Slice(first / _group * sizeof(ushort), sizeof(ushort)).CopyTo(target);
            for (int i = 0; i < BlockLength / 2; i++)
                target[2 + i] = (byte)(Nibble(nibbles, first + i) | (Nibble(nibbles, first + i + (BlockLength / 2)) << 4));
        }
    }

    private void WriteFloats(long row, Span<float> target)
    {
        if (row < 0)
            return;

        ReadOnlySpan<byte> nibbles = _nibbles.Slice(row * _rowBytes, _rowBytes), scales = Scales(row);
        for (int i = 0; i < _columns; i++)
        {
            ushort scale = BinaryPrimitives.ReadUInt16LittleEndian(scales[(i / _group * sizeof(ushort))..]);
            target[i] = (Nibble(nibbles, i) - Zero) * HalfFloat.Widen(scale);
        }
    }

    private ReadOnlySpan<byte> Scales(long row) => _scales.Slice(row * _groups * sizeof(ushort), _groups * sizeof(ushort));

    private int Nibble(ReadOnlySpan<byte> row, int column) =>
        row.IsEmpty || column >= _columns ? Zero : (row[column / 2] >> (4 * (column % 2))) & 15;
}
