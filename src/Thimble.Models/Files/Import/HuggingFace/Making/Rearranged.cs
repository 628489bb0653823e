using Thimble.Compute.Formats;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>Tensors of plain numbers whose rows or axes change places, and vectors made F32.</summary>
internal static class Rearranged
{
    /// <summary>Rows of each head from halves to adjacent pairs: row <c>2i + j</c> is what row <c>j·size/2 + i</c> was.</summary>
    /// <param name="stored">Shape [columns, heads · size] or [heads · size].</param>
    /// <param name="heads">Heads.</param>
    public static StoredTensor Paired(StoredTensor stored, int heads)
    {
        bool vector = stored.Shape.Count == 1;
        long rows = vector ? stored.Columns : stored.Rows;
        if (rows % (2 * heads) != 0)
            throw new InvalidDataException($"Tensor '{stored.Name}' has {rows} rows; expected {heads} heads of an even number of them.");

        int half = (int)(rows / heads / 2);
        int rowBytes = checked((int)stored.BlockFormat.RowBytes(vector ? 1 : stored.Columns));
        return Computed.Tensor(stored.Name, stored.BlockFormat, [.. stored.Shape], memory =>
        {
            Region source = stored.Bytes();
            for (long row = 0; row < rows; row++)
            {
                (long head, long within) = long.DivRem(row, 2 * half);
                long from = (head * 2 * half) + (within % 2 * half) + (within / 2);
                source.Slice(from * rowBytes, rowBytes).CopyTo(memory.Slice(row * rowBytes, rowBytes));
            }
        });
    }

    /// <summary>Rows of a query, a key and a value for each head become all queries, then all keys, then all values.</summary>
    /// <param name="stored">Shape [columns, heads · 3 · size] or [heads · 3 · size].</param>
    /// <param name="heads">Heads.</param>
    public static StoredTensor Parted(StoredTensor stored, int heads)
    {
        bool vector = stored.Shape.Count == 1;
        long rows = vector ? stored.Columns : stored.Rows;
        if (rows % (3 * heads) != 0)
            throw new InvalidDataException($"Tensor '{stored.Name}' has {rows} rows; expected a query, a key and a value of one size for each of {heads} heads.");

        long size = rows / heads / 3;
        int rowBytes = checked((int)stored.BlockFormat.RowBytes(vector ? 1 : stored.Columns));
        return Computed.Tensor(stored.Name, stored.BlockFormat, [.. stored.Shape], memory =>
        {
            Region source = stored.Bytes();
            for (long row = 0; row < rows; row++)
            {
                (long third, long within) = long.DivRem(row, heads * size);
                long from = (((within / size * 3) + third) * size) + (within % size);
                source.Slice(from * rowBytes, rowBytes).CopyTo(memory.Slice(row * rowBytes, rowBytes));
            }
        });
    }

    /// <summary>A vector plus one, in F32.</summary>
    public static StoredTensor Raised(StoredTensor stored) => Computed.Tensor(stored.Name, BlockFormats.Named("F32"), [.. stored.Shape], memory =>
    {
        float[] values = stored.Values();
        for (int i = 0; i < values.Length; i++)
            BitConverter.TryWriteBytes(memory.Slice(4L * i, sizeof(float)), values[i] + 1);
    });

    /// <summary>Matrices of one shape and format, one above the other: shape [columns, rows, count].</summary>
    /// <param name="name">GGUF's name for the outcome.</param>
    /// <param name="parts">The matrices.</param>
    public static StoredTensor Stacked(string name, IReadOnlyList<StoredTensor> parts)
    {
        StoredTensor first = parts[0];
        foreach (StoredTensor part in parts)
        {
            if (part.BlockFormat != first.BlockFormat || !part.Shape.SequenceEqual(first.Shape))
            {
                throw new InvalidDataException(
                    $"Of the experts of '{name}' one is {part.Format} [{string.Join(", ", part.Shape)}]; expected {first.Format} [{string.Join(", ", first.Shape)}], as the first.");
            }
        }

        return Computed.Tensor(name, first.BlockFormat, [.. first.Shape, parts.Count], memory =>
        {
            const int block = 1 << 20;
            for (int i = 0; i < parts.Count; i++)
            {
                Region source = parts[i].Bytes();
                for (long at = 0; at < source.Length; at += block)
                {
                    int length = (int)Math.Min(block, source.Length - at);
                    source.Slice(at, length).CopyTo(memory.Slice((i * source.Length) + at, length));
                }
            }
        });
    }

    /// <summary>The matrix turned: shape [a, b] becomes [b, a]; of several, each.</summary>
    /// <param name="stored">A matrix of single numbers, no blocks, or several: shape [a, b, count].</param>
    public static StoredTensor Turned(StoredTensor stored)
    {
        if (stored.Shape.Count is not (2 or 3) || stored.BlockFormat.BlockLength != 1)
            throw new InvalidDataException($"Tensor '{stored.Name}' has {stored.Shape.Count} dimensions of {stored.Format}; expected a matrix, or several, of single numbers.");

        int columns = checked((int)stored.Columns), rows = checked((int)stored.Shape[1]), size = stored.BlockFormat.BlockBytes;
        return Computed.Tensor(stored.Name, stored.BlockFormat, [rows, columns, .. stored.Shape.Skip(2)], memory =>
        {
            Region source = stored.Bytes();
            for (long row = 0; row < stored.Rows; row++)
            {
                ReadOnlySpan<byte> values = source.Slice(row * columns * size, columns * size);
                (long matrix, long within) = long.DivRem(row, rows);
                for (int column = 0; column < columns; column++)
                    values.Slice(column * size, size).CopyTo(memory.Slice(((((matrix * columns) + column) * rows) + within) * size, size));
            }
        });
    }

    /// <summary>A vector in F32, which holds every half and bfloat16 exactly; llama.cpp takes norms and biases in no other form.</summary>
    public static StoredTensor Widened(StoredTensor stored)
    {
        BlockFormat format = BlockFormats.Named("F32");
        return stored.BlockFormat == format ? stored : Computed.Tensor(stored.Name, format, [.. stored.Shape], memory =>
        {
            float[] values = stored.Values();
            for (int i = 0; i < values.Length; i++)
                BitConverter.TryWriteBytes(memory.Slice(4L * i, sizeof(float)), values[i]);
        });
    }
}
