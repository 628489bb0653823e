using System.Runtime.InteropServices;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;

namespace Thimble.Models.Files;

/// <summary>A tensor as a safetensors file holds it.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Dtype">Its number type.</param>
/// <param name="Shape">Its shape as stored: slowest dimension first.</param>
/// <param name="Bytes">Its values, little endian.</param>
internal sealed record SafeTensor(string Name, Dtype Dtype, IReadOnlyList<long> Shape, Region Bytes)
{
    private const int Block = 1 << 16;   // values converted between two looks at the file

    /// <summary>This tensor under GGUF's conventions: row length first, in one of our formats.</summary>
    /// <param name="name">Its name there.</param>
    /// <returns>The same bytes where a format has them; otherwise F32, converted when first asked for.</returns>
    public StoredTensor Stored(string name)
    {
        long[] shape = [.. Shape.Reverse()];
        if (Dtype.Format is { } format)
            return new(name, format, shape, () => Bytes);

        var converted = new Lazy<Region>(Floats);
        return new(name, BlockFormats.Named("F32"), shape, () => converted.Value);
    }

    /// <summary>All values.</summary>
    /// <exception cref="NotSupportedException">There are more than an array can hold.</exception>
    public float[] Values()
    {
        long count = Bytes.Length / Dtype.Size;
        if (count > Array.MaxLength)
            throw new NotSupportedException($"Tensor '{Name}' has {count} values; at most {Array.MaxLength} can be decoded at once.");

        float[] values = new float[count];
        Decode((first, block) => block.CopyTo(values.AsSpan((int)first)));
        return values;
    }

    private Region Floats()
    {
        BlockFormat format = BlockFormats.Named("F32");
        var memory = new Allocation(Bytes.Length / Dtype.Size * format.BlockBytes);
        Decode((first, block) =>
        {
            Span<byte> target = memory.Slice(first * format.BlockBytes, block.Length * format.BlockBytes);
            MemoryMarshal.AsBytes(block).CopyTo(target);
        });
        return memory.Region;
    }

    private void Decode(Action<long, ReadOnlySpan<float>> take)
    {
        float[] values = new float[Math.Min(Block, Bytes.Length / Dtype.Size)];
        for (long done = 0, count = Bytes.Length / Dtype.Size; done < count; done += Block)
        {
            Span<float> block = values.AsSpan(0, (int)Math.Min(Block, count - done));
            Dtype.Decode(Bytes.Slice(done * Dtype.Size, block.Length * Dtype.Size), block);
            take(done, block);
        }
    }
}
