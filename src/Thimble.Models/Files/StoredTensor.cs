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

    /// <summary>Bytes it takes in the file.</summary>
    public long Length => Rows * BlockFormat.RowBytes(Columns);

    internal BlockFormat BlockFormat { get; }

    /// <summary>The stored bytes, shape [<see cref="Rows"/> · bytes of a row].</summary>
    /// <exception cref="InvalidDataException">The file has shrunk since it was opened.</exception>
    internal Region Bytes() => _bytes();

    /// <summary>All values, decoded; for small tensors.</summary>
    internal float[] Values()
    {
        float[] values = new float[checked(Rows * Columns)];
        Region bytes = Bytes();
        int rowBytes = checked((int)BlockFormat.RowBytes(Columns)), columns = checked((int)Columns);
        for (int row = 0; row < Rows; row++)
            BlockFormat.Decode(bytes.Slice((long)row * rowBytes, rowBytes), values.AsSpan(row * columns, columns));
        return values;
    }
}
