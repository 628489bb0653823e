using Thimble.Compute.Formats;

namespace Thimble.Models.Files;

/// <summary>A matrix of −1, 0 and 1 in two bits each, as BitNet's folders hold it: a byte has four values of a column, whose rows lie a quarter of
/// the matrix apart. Its factor is a tensor of its own.</summary>
/// <remarks>Source: Hugging Face transformers, <c>integrations/bitnet.py</c>. Stored as TQ2_0 with factors of 1 where rows are whole blocks of it.</remarks>
internal static class TernaryBytes
{
    private const int Parts = 4;

    /// <summary>Whether a tensor is one.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="quantisation">What config.json says of it; null for nothing.</param>
    public static bool Holds(SafeTensor tensor, JsonFile? quantisation) => quantisation?.FindText("quant_method") == "bitnet"
        && tensor.Dtype.Name == "U8" && tensor.Shape.Count == 2 && tensor.Name.EndsWith(".weight", StringComparison.Ordinal);

    /// <summary>The matrix as a tensor, unpacked when asked for.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="name">GGUF's name for it.</param>
    /// <param name="bytes">Shape [rows / 4, columns].</param>
    public static StoredTensor Tensor(string path, string name, SafeTensor bytes)
    {
        (int high, int columns) = (checked((int)bytes.Shape[0]), checked((int)bytes.Shape[1]));
        var format = BlockFormat(columns);
        int rowBytes = checked((int)format.RowBytes(columns));
        return Computed.Tensor(name, format, [columns, (long)Parts * high], memory =>
        {
            float[] values = new float[columns];
            for (int row = 0; row < Parts * high; row++)
            {
                ReadOnlySpan<byte> packed = bytes.Bytes.Slice((long)(row % high) * columns, columns);
                for (int i = 0; i < columns; i++)
                    values[i] = Value(path, bytes.Name, (packed[i] >> (2 * (row / high))) & 3);
                format.Encode(values, [], memory.Slice((long)row * rowBytes, rowBytes));
            }
        });
    }

    /// <summary>The factor on a matrix: some folders hold what it is divided by.</summary>
    public static StoredTensor Factor(StoredTensor stored, int part, FolderSizes folder) =>
        folder.Config.FindObject("quantization_config")?.FindText("linear_class") == "autobitlinear" ? stored : Makings.Inverse(stored, part, folder);

    private static BlockFormat BlockFormat(int columns)
    {
        var ternary = BlockFormats.Named("TQ2_0");
        return columns % ternary.BlockLength == 0 ? ternary : BlockFormats.Named("F16");
    }

    private static float Value(string path, string name, int code) => code < 3
        ? code - 1
        : throw new InvalidDataException($"Tensor '{name}' of '{path}' has the code 3; expected 0 to 2, which stand for -1, 0 and 1.");
}
