using System.Buffers;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>Produces rows of a tensor that is to be written; several threads may ask for different rows at once.</summary>
/// <param name="firstRow">The first row wanted.</param>
/// <param name="rows">Receives whole rows, in the tensor's format.</param>
internal delegate void RowProducer(long firstRow, Span<byte> rows);

/// <summary>A tensor to be written: its name, format and shape are known, its bytes come a few rows at a time.</summary>
/// <param name="Name">Its name, as GGUF names it.</param>
/// <param name="Format">The format it is written in.</param>
/// <param name="Shape">Its shape, row length first.</param>
/// <param name="Produce">Gives its rows.</param>
internal sealed record TensorSource(string Name, BlockFormat Format, IReadOnlyList<long> Shape, RowProducer Produce)
{
    /// <summary>Values in a row.</summary>
    public long Columns => Shape.Count == 0 ? 1 : Shape[0];

    /// <summary>Rows, over all further dimensions.</summary>
    public long Rows => Shape.Skip(1).Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Bytes of a row.</summary>
    public long RowBytes => Format.RowBytes(Columns);

    /// <summary>A tensor written as it is stored.</summary>
    public static TensorSource Copy(StoredTensor tensor)
    {
        Region bytes = tensor.Bytes();
        long rowBytes = tensor.BlockFormat.RowBytes(tensor.Columns);
        return new(tensor.Name, tensor.BlockFormat, tensor.Shape, (firstRow, rows) => bytes.Slice(firstRow * rowBytes, rows.Length).CopyTo(rows));
    }

    /// <summary>A tensor written in another format.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="format">The format to write.</param>
    /// <param name="importance">How much an error in each column matters, shape [columns] or [matrices, columns] for a tensor of several, or empty where all matter alike.</param>
    /// <exception cref="ArgumentException">A row is not a whole number of the format's blocks.</exception>
    public static TensorSource Encode(StoredTensor tensor, BlockFormat format, ReadOnlyMemory<float> importance = default)
    {
        Region bytes = tensor.Bytes();
        int columns = checked((int)tensor.Columns);
        int readBytes = checked((int)tensor.BlockFormat.RowBytes(columns)), writtenBytes = checked((int)format.RowBytes(columns));
        long height = tensor.Shape.Count > 1 ? tensor.Shape[1] : 1, matrices = height == 0 ? 0 : tensor.Rows / height;
        if (importance.Length != 0 && importance.Length != columns && importance.Length != columns * matrices)
            throw new ArgumentException($"importance has {importance.Length} values; tensor '{tensor.Name}' has {matrices} matrices of {columns} columns.", nameof(importance));

        return new(tensor.Name, format, tensor.Shape, (firstRow, rows) =>
        {
            float[] values = ArrayPool<float>.Shared.Rent(columns);
            for (int at = 0; at < rows.Length; at += writtenBytes, firstRow++)
            {
                tensor.BlockFormat.Decode(bytes.Slice(firstRow * readBytes, readBytes), values.AsSpan(0, columns));
                ReadOnlySpan<float> weights = importance.Length <= columns ? importance.Span : importance.Span.Slice((int)(firstRow / height) * columns, columns);
                format.Encode(values.AsSpan(0, columns), weights, rows.Slice(at, writtenBytes));
            }

            ArrayPool<float>.Shared.Return(values);
        });
    }

    /// <summary>A tensor of given values.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its shape, row length first.</param>
    /// <param name="values">Its values, row after row.</param>
    /// <param name="format">The format to write.</param>
    public static TensorSource Of(string name, IReadOnlyList<long> shape, ReadOnlyMemory<float> values, BlockFormat format)
    {
        int columns = checked((int)(shape.Count == 0 ? 1 : shape[0])), rowBytes = checked((int)format.RowBytes(columns));
        long expected = shape.Aggregate(1L, (product, size) => checked(product * size));
        if (values.Length != expected)
            throw new ArgumentException($"values has {values.Length} values; tensor '{name}' of shape [{string.Join(", ", shape)}] takes {expected}.", nameof(values));

        return new(name, format, shape, (firstRow, rows) =>
        {
            int first = checked((int)firstRow) * columns, count = rows.Length / rowBytes * columns;
            format.Encode(values.Span.Slice(first, count), [], rows);
        });
    }
}
