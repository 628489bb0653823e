namespace Thimble.Models.Files;

/// <summary>The tensors of a Hugging Face folder, with those that a quantiser cut into several put together again.</summary>
/// <remarks>GPTQ and AWQ store <c>X.weight</c> as <c>X.qweight</c>, <c>X.qzeros</c>, <c>X.scales</c> and perhaps <c>X.g_idx</c>; eight-bit floats
/// have <c>X.weight_scale</c> or <c>X.weight_scale_inv</c> beside them.</remarks>
internal sealed class PackedWeights
{
    private static readonly string[] s_parts = [".qzeros", ".scales", ".g_idx", ".weight_scale", ".weight_scale_inv", ".input_scale"];

    private readonly Safetensors _weights;
    private readonly JsonFile? _quantisation;

    /// <param name="weights">The tensors.</param>
    /// <param name="config">The folder's config.json.</param>
    public PackedWeights(Safetensors weights, JsonFile config)
    {
        _weights = weights;
        _quantisation = config.FindObject("quantization_config")
            ?? JsonFile.Find(Path.Combine(Path.GetDirectoryName(config.Path)!, "quantize_config.json"));
    }

    /// <summary>A tensor as it would be named unpacked.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Stored">It, under a name to give.</param>
    /// <param name="Unpacked">Whether it was packed; then its rows are outputs, whatever the model's own order.</param>
    internal readonly record struct Whole(string Name, Func<string, StoredTensor> Stored, bool Unpacked);

    /// <summary>All tensors.</summary>
    /// <exception cref="InvalidDataException">A part is missing or has another shape than the others ask for.</exception>
    /// <exception cref="NotSupportedException">The way of packing is unknown.</exception>
    public IEnumerable<Whole> All()
    {
        foreach (SafeTensor tensor in _weights.Tensors)
        {
            if (tensor.Name.EndsWith(".qweight", StringComparison.Ordinal))
            {
                string stem = tensor.Name[..^".qweight".Length];
                PackedMatrix matrix = Matrix(stem, tensor);
                yield return new(stem + ".weight", matrix.Tensor, Unpacked: true);
            }
            else if (tensor.Name.EndsWith(FourBitFloats.Blocks, StringComparison.Ordinal) && _weights.TryGet(tensor.Name[..^FourBitFloats.Blocks.Length] + FourBitFloats.Scales, out SafeTensor? powers))
            {
                var floats = new FourBitFloats(_weights.Path, tensor, powers);
                yield return new(tensor.Name[..^FourBitFloats.Blocks.Length], floats.Tensor, Unpacked: true);
            }
            else if (TernaryBytes.Holds(tensor, _quantisation))
            {
                yield return new(tensor.Name, name => TernaryBytes.Tensor(_weights.Path, name, tensor), Unpacked: true);
            }
            else if (Scale(tensor) is { } scales)
            {
                yield return new(tensor.Name, name => ScaledFloats.Tensor(_weights.Path, name, tensor, scales, Block()), Unpacked: false);
            }
            else if (!IsPart(tensor.Name))
            {
                yield return new(tensor.Name, tensor.Stored, Unpacked: false);
            }
        }
    }

    private bool IsPart(string name) =>
        (name.EndsWith(FourBitFloats.Scales, StringComparison.Ordinal) && _weights.TryGet(name[..^FourBitFloats.Scales.Length] + FourBitFloats.Blocks, out _))
        || !IsFactor(name) && Array.Find(s_parts, part => name.EndsWith(part, StringComparison.Ordinal)) is { } end
        && (_weights.TryGet(name[..^end.Length] + ".qweight", out _) || _weights.TryGet(name[..^end.Length] + ".weight", out _));

    /// <summary>Whether a tensor is the factor on a matrix of two bits, which a model keeps as a tensor of its own.</summary>
    private bool IsFactor(string name) => name.EndsWith("_scale", StringComparison.Ordinal)
        && _weights.TryGet(name[..^"_scale".Length], out SafeTensor? matrix) && TernaryBytes.Holds(matrix, _quantisation);

    private SafeTensor? Scale(SafeTensor tensor) =>
        tensor.Dtype.Name is "F8_E4M3" or "F8_E5M2"
        && (_weights.TryGet(tensor.Name + "_scale_inv", out SafeTensor? scales) || _weights.TryGet(tensor.Name + "_scale", out scales)) ? scales : null;

    private (int Rows, int Columns)? Block() =>
        _quantisation?.FindIntegers("weight_block_size") is [> 0 and <= FileCursor.LargestDimension and var rows, > 0 and <= FileCursor.LargestDimension and var columns]
            ? ((int)rows, (int)columns)
            : null;

    private PackedMatrix Matrix(string stem, SafeTensor quants)
    {
        JsonFile said = _quantisation
            ?? throw new InvalidDataException($"'{_weights.Path}' has tensor '{quants.Name}' but config.json no field 'quantization_config'.");
        bool awq = said.FindText("quant_method") == "awq";
        if (awq && said.FindText("version") is { } version && !version.Equals("gemm", StringComparison.OrdinalIgnoreCase))
            throw new NotSupportedException($"'{said.Path}': version '{version}' of AWQ is unknown; known: gemm.");
        int bits = said.Size("bits", "w_bit");
        if (bits is not (2 or 3 or 4 or 8) || (awq && bits != 4))
            throw new NotSupportedException($"'{said.Path}': {bits} bits are unknown; known: {(awq ? "4" : "2, 3, 4, 8")}.");

        SafeTensor scales = Part(stem, ".scales"), zeros = Part(stem, ".qzeros");
        if (scales.Shape is not [> 0 and <= FileCursor.LargestDimension and var groups, > 0 and <= FileCursor.LargestDimension and var rows])
            throw new InvalidDataException($"Tensor '{scales.Name}' of '{_weights.Path}' has shape [{string.Join(", ", scales.Shape)}]; expected [groups, rows].");
        long columns = quants.Shape.Count != 2 ? 0 : awq ? quants.Shape[0] : quants.Shape[0] * 32 / bits;
        if (columns is 0 or > FileCursor.LargestDimension || rows * bits % 32 != 0)
            throw new InvalidDataException($"Tensor '{quants.Name}' of '{_weights.Path}' has shape [{string.Join(", ", quants.Shape)}]; expected words of {bits} bits for {rows} rows.");

        var zeroWords = new PackedWords(_weights.Path, zeros, groups, rows * bits / 32);
        IPacking packing = awq
            ? new AwqPacking(new(_weights.Path, quants, columns, rows / 8), zeroWords)
            : new GptqPacking(new(_weights.Path, quants, columns * bits / 32, rows), zeroWords, bits, said.FindText("checkpoint_format") == "gptq_v2" ? 0 : 1);
        return new(packing, (int)rows, (int)columns, bits, scales, Groups(stem, said, (int)columns, (int)groups));
    }

    /// <summary>Each column's group: as <c>g_idx</c> says, where columns were taken in another order, or else as they come.</summary>
    private int[] Groups(string stem, JsonFile said, int columns, int groups)
    {
        if (_weights.TryGet(stem + ".g_idx", out SafeTensor? order))
        {
            PackedWords.Expect(_weights.Path, order, columns);
            int[] given = [.. order.Values().Select(value => (int)value)];
            return Array.Find(given, group => group < 0 || group >= groups) is not 0 and var wrong
                ? throw new InvalidDataException($"Tensor '{order.Name}' of '{_weights.Path}' names group {wrong}; expected 0 to {groups - 1}.")
                : given;
        }

        long size = said.FindInteger("group_size", "q_group_size") is { } stated and > 0 ? stated : columns;
        return (columns + size - 1) / size == groups
            ? [.. Enumerable.Range(0, columns).Select(column => (int)(column / size))]
            : throw new InvalidDataException(
                $"Tensor '{stem}.scales' of '{_weights.Path}' has {groups} groups; {columns} columns in groups of {size} take {(columns + size - 1) / size}.");
    }

    private SafeTensor Part(string stem, string end) => _weights.TryGet(stem + end, out SafeTensor? tensor)
        ? tensor
        : throw new InvalidDataException($"'{_weights.Path}' has '{stem}.qweight' but no tensor '{stem}{end}'.");
}
