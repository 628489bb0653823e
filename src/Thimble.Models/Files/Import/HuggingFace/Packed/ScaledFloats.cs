using System.Runtime.InteropServices;
using Thimble.Compute.Formats;

namespace Thimble.Models.Files;

/// <summary>A matrix of eight-bit floats under a scale for all, each row or each block: <c>w = value · scale</c>, as F32.</summary>
/// <remarks>A value has four bits that count at most and is exact; the product is the float nearest to it. Source: DeepSeek-V3's
/// <c>weight_scale_inv</c>, a factor in spite of its name, and compressed-tensors' <c>weight_scale</c>.</remarks>
internal static class ScaledFloats
{
    private const int UsualBlock = 128;

    /// <summary>The matrix as a tensor, computed when asked for.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="name">GGUF's name for it.</param>
    /// <param name="values">Shape [rows, columns].</param>
    /// <param name="scales">One number, one a row, or one a block.</param>
    /// <param name="block">Rows and columns of a block, where config.json says.</param>
    /// <exception cref="InvalidDataException">The scales are not as many as needed.</exception>
    public static StoredTensor Tensor(string path, string name, SafeTensor values, SafeTensor scales, (int Rows, int Columns)? block)
    {
        if (values.Shape is not [var rows, var columns])
            throw new InvalidDataException($"Tensor '{values.Name}' of '{path}' has shape [{string.Join(", ", values.Shape)}]; expected two dimensions beside '{scales.Name}'.");

        (long height, long width) = Blocks(path, scales, rows, columns, block);
        long across = (columns + width - 1) / width;
        int length = checked((int)columns);
        return Computed.Tensor(name, BlockFormats.Named("F32"), [columns, rows], memory =>
        {
            float[] factors = scales.Values();
            for (long row = 0; row < rows; row++)
            {
                Span<float> target = MemoryMarshal.Cast<byte, float>(memory.Slice(row * length * sizeof(float), length * sizeof(float)));
                values.Dtype.Decode(values.Bytes.Slice(row * length, length), target);
                for (int i = 0; i < length; i++)
                    target[i] *= factors[(row / height * across) + (i / width)];
            }
        });
    }

    /// <summary>Rows and columns that one scale is for.</summary>
    private static (long Height, long Width) Blocks(string path, SafeTensor scales, long rows, long columns, (int Rows, int Columns)? block)
    {
        long count = scales.Shape.Aggregate(1L, (product, size) => product * size);
        if (count == 1)
            return (rows, columns);
        if (count == rows && (scales.Shape.Count == 1 || scales.Shape[^1] == 1))
            return (1, columns);
        (int height, int width) = block ?? (UsualBlock, UsualBlock);
        PackedWords.Expect(path, scales, (rows + height - 1) / height, (columns + width - 1) / width);
        return (height, width);
    }
}
