using Thimble.Compute.Formats;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>A tensor as a file holds it.</summary>
/// <remarks>Shapes are written as GGUF writes them: the fastest dimension, a row's length, first.</remarks>
public sealed class StoredTensor
{
    private readonly Func<Region> _bytes;

    /// <summary>A tensor whose bytes are fetched, or computed by an importer, when they are first asked for.</summary>
    internal StoredTensor(string name, BlockFormat format, long[] shape, Func<Region> bytes)
    {
        (Name, BlockFormat, _bytes) = (name, format, bytes);
        Shape = shape;
    }

    /// <summary>Its name, as GGUF names it.</summary>
    public string Name { get; }

    /// <summary>The name of its number format, such as <c>Q4_0</c>.</summary>
    public string Format => BlockFormat.Name;

    /// <summary>Its shape, row length first.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Values in a row.</summary>
    public long Columns => Shape.Count == 0 ? 1 : Shape[0];

    /// <summary>Rows, over all further dimensions.</summary>
    public long Rows => Shape.Skip(1).Aggregate(1L, (product, size) => product * size);

    /// <summary>Bytes it takes in the file; 0 where the format is unknown.</summary>
    public long Length => Rows * BlockFormat.RowBytes(Columns);

    internal BlockFormat BlockFormat { get; }

    /// <summary>The stored bytes, shape [<see cref="Rows"/> · bytes of a row].</summary>
    /// <exception cref="InvalidDataException">The file has shrunk since it was opened.</exception>
    /// <exception cref="NotSupportedException">The format is unknown.</exception>
    internal Region Bytes() => _bytes();

    /// <summary>All values, decoded; for small tensors.</summary>
    /// <returns>Shape [<see cref="Rows"/> · <see cref="Columns"/>].</returns>
    /// <exception cref="NotSupportedException">It has more values than an array can hold, or an unknown format.</exception>
    internal float[] Values()
    {
        Region bytes = Bytes();
        if (Columns == 0 || Rows == 0)
            return [];
        if (Rows > Array.MaxLength / Columns)
            throw new NotSupportedException($"Tensor '{Name}' has {Rows} rows of {Columns} values; at most {Array.MaxLength} values can be decoded at once.");

        const int Block = 1 << 16;   // values decoded between two looks at the file
        float[] values = new float[Rows * Columns];
        int block = Math.Max(Block / BlockFormat.BlockLength, 1) * BlockFormat.BlockLength;
        for (int done = 0; done < values.Length; done += block)
        {
            int count = Math.Min(block, values.Length - done), length = checked((int)BlockFormat.RowBytes(count));
            BlockFormat.Decode(bytes.Slice(done / BlockFormat.BlockLength * (long)BlockFormat.BlockBytes, length), values.AsSpan(done, count));
        }

        return values;
    }
}
