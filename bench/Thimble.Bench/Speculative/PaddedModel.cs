using System.Runtime.InteropServices;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble.Bench;

/// <summary>A small trained model blown up with weights of zero: it writes the same text, and reads as much memory as a large one.</summary>
internal static class PaddedModel
{
    /// <summary>Blows a model's feed-forward blocks up.</summary>
    /// <param name="file">The model; it is disposed with the outcome.</param>
    /// <param name="megabytes">About how many millions of bytes the blocks take then.</param>
    /// <param name="format">Their format.</param>
    public static ModelFile Of(ModelFile file, int megabytes, string format)
    {
        BlockFormat cells = BlockFormats.Named(format);
        StoredTensor[] gates = [.. file.Tensors.Where(tensor => tensor.Name.EndsWith("ffn_gate.weight", StringComparison.Ordinal))];
        long each = gates[0].Columns * 3 * gates.Length;
        int hidden = (int)(megabytes * 1e6 * 8 / cells.BitsPerWeight / each) / 256 * 256;
        var metadata = new Metadata();
        foreach (string key in file.Metadata.Keys)
        {
            file.Metadata.TryGet(key, out object? value);
            metadata.Add(key, key.EndsWith(".feed_forward_length", StringComparison.Ordinal) ? (long)hidden : value!);
        }

        return new ModelFile($"{file.Path} blown up to {megabytes} MB", metadata, [.. file.Tensors.Select(tensor => Padded(tensor, hidden, cells))], file);
    }

    private static StoredTensor Padded(StoredTensor tensor, int hidden, BlockFormat format)
    {
        string name = tensor.Name;
        bool down = name.EndsWith("ffn_down.weight", StringComparison.Ordinal);
        if (!down && !name.EndsWith("ffn_gate.weight", StringComparison.Ordinal) && !name.EndsWith("ffn_up.weight", StringComparison.Ordinal))
            return tensor;

        long columns = down ? hidden : tensor.Columns, rows = down ? tensor.Rows : hidden;
        return new(name, format, [columns, rows], () =>
        {
            float[] values = tensor.Values(), row = new float[columns];
            int rowBytes = (int)format.RowBytes(columns), before = (int)tensor.Columns;
            var memory = new Allocation(rows * rowBytes);
            for (int i = 0; i < rows; i++)
            {
                Array.Clear(row);
                if (i < tensor.Rows)
                    values.AsSpan(i * before, before).CopyTo(row);
                format.Encode(row, [], memory.Slice((long)i * rowBytes, rowBytes));
            }

            return memory.Region;
        });
    }
}
