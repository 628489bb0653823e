using Thimble.Compute.Formats;
using Thimble.Models.Adapters;
using Thimble.Models.Files;

namespace Thimble.Lab.Quantize;

/// <summary>Rewrites a model, whatever container it came in, as one GGUF file: as it is, or in smaller number formats.</summary>
/// <remarks>
/// <para>A type is a mix, such as <c>Q4_K_M</c>: matrices whose name ends in <c>weight</c> get its base format, those whose rounding shows more a finer
/// one, those where it shows less a coarser one. Tensors of one dimension are stored as F32; norms, biases and a few small matrices stay as they are.</para>
/// <para>A row that is not a whole number of blocks gets a format near in size whose blocks are shorter. That is part of the result.</para>
/// <para>Source: which tensor gets which format follows llama.cpp, <c>src/llama-quant.cpp</c>, so that a type means one thing everywhere; how values are
/// rounded does not.</para>
/// </remarks>
public static class Quantizer
{
    /// <summary>Formats that are poor without importances.</summary>
    private static readonly string[] s_hungry = ["IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS"];

    /// <summary>The mixes and formats that can be written.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. Mixes.Known.Select(mix => mix.Name)];

    /// <summary>Rewrites a model.</summary>
    /// <param name="source">A model that <see cref="ModelFile.Open"/> opens.</param>
    /// <param name="target">The GGUF file to write; a file there is replaced once the new one is complete.</param>
    /// <param name="options">The type, and how; as it is if null.</param>
    /// <param name="progress">Told a few times a second, from any thread.</param>
    /// <param name="cancellationToken">Stops it; no file is left.</param>
    /// <returns>What became of each tensor.</returns>
    /// <exception cref="ArgumentException">A type is unknown, the source is quantised already, or the target is the source, a folder, or in a folder that does not exist.</exception>
    /// <exception cref="FileNotFoundException">There is no such source.</exception>
    /// <exception cref="InvalidDataException">The source is damaged, a value does not fit the format, or importances do not fit a tensor.</exception>
    /// <exception cref="NotSupportedException">The source, or a number format in it, is of a kind this build does not know.</exception>
    /// <exception cref="CapacityException">The disk is full.</exception>
    /// <remarks>Cost: reads and writes each byte once and holds a few megabytes a thread.</remarks>
    public static QuantizeResult Run(
        string source,
        string target,
        QuantizeOptions? options = null,
        IProgress<QuantizeProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(target);
        options ??= new();
        Mix? mix = options.Type is { } name ? Mixes.Named(name) : null;
        CheckTarget(source, target);

        using var file = ModelFile.Open(source);
        var merged = new MergedTensors(file);
        foreach ((string adapter, float scale) in options.Adapters)
            merged.Add(adapter, scale);
        Recipe? recipe = mix is null ? null : new Recipe(file, mix, options);
        List<TensorSource> tensors = [];
        List<QuantizedTensor> results = [];
        foreach (StoredTensor tensor in file.Tensors)
        {
            (BlockFormat to, string? note) = recipe?.For(tensor) ?? (tensor.BlockFormat, null);
            if (merged.Changes(tensor))
            {
                CheckSource(tensor, to, options);
                tensors.Add(merged.Source(tensor, to, options.Importance?.Find(tensor) ?? default));
                note = note is null ? "merged" : $"{note}; merged";
            }
            else if (to == tensor.BlockFormat)
            {
                tensors.Add(TensorSource.Copy(tensor));
            }
            else
            {
                CheckSource(tensor, to, options);
                ReadOnlyMemory<float> importance = options.Importance?.Find(tensor) ?? default;
                if (Complaint(to, options.Importance, importance) is { } complaint)
                    note = note is null ? complaint : $"{note}; {complaint}";
                tensors.Add(TensorSource.Encode(tensor, to, importance));
            }

            results.Add(new(tensor.Name, tensor.Format, to.Name, note));
        }

        if (mix is not null)
            Describe(file.Metadata, mix, options.Importance);
        GgufWriter.Write(
            target, file.Metadata, tensors, progress is null ? null : new Relay(progress), options.Threads ?? Environment.ProcessorCount, cancellationToken);
        return new(file.Tensors.Sum(tensor => tensor.Length), new FileInfo(target).Length, results);
    }

    private static string? Complaint(BlockFormat to, ImportanceMatrix? matrix, ReadOnlyMemory<float> importance) =>
        !importance.IsEmpty || to.BlockLength == 1 ? null
        : matrix is not null ? "the importance matrix says nothing of it"
        : s_hungry.Contains(to.Name) ? $"{to} rounds coarsely; give an importance matrix (thimble imatrix)"
        : null;

    private static void Describe(Metadata metadata, Mix mix, ImportanceMatrix? importance)
    {
        // Readers tell the type of a file from its tensors where the file does not say; an old word would be wrong.
        metadata.Remove("general.file_type");
        if (mix.FileType is { } number)
            metadata.Set("general.file_type", (long)number);
        metadata.Set("general.quantization_version", 2L);
        if (importance is null)
            return;

        metadata.Set("quantize.imatrix.file", Path.GetFileName(importance.Source));
        metadata.Set("quantize.imatrix.entries_count", (long)importance.Tensors.Count);
        if (importance.Dataset is { Length: > 0 } dataset)
            metadata.Set("quantize.imatrix.dataset", dataset);
        if (importance.Chunks > 0)
            metadata.Set("quantize.imatrix.chunks_count", (long)importance.Chunks);
    }

    private static void CheckSource(StoredTensor tensor, BlockFormat to, QuantizeOptions options)
    {
        if (tensor.BlockFormat.BlockLength > 1 && !options.AllowRequantize)
        {
            throw new ArgumentException(
                $"Tensor '{tensor.Name}' is quantised already, as {tensor.Format}; storing it as {to} would add new errors to the old. "
                + "Start from a file in F16, BF16 or F32, or allow it (--allow-requantize).", nameof(options));
        }
    }

    private static void CheckTarget(string source, string target)
    {
        string path = Path.GetFullPath(target), folder = Path.GetDirectoryName(path) ?? path;
        if (path == Path.GetFullPath(source))
            throw new ArgumentException($"'{target}' is the model to read; write to another file.", nameof(target));
        if (Directory.Exists(path))
            throw new ArgumentException($"'{target}' is a folder; name the file to write in it.", nameof(target));
        if (!Directory.Exists(folder))
            throw new ArgumentException($"There is no folder '{folder}' to write '{Path.GetFileName(path)}' to; make it first.", nameof(target));
    }

    /// <summary>Hands the writer's progress on in public terms.</summary>
    private sealed class Relay(IProgress<QuantizeProgress> progress) : IProgress<WriteProgress>
    {
        public void Report(WriteProgress value) => progress.Report(new(value.Tensor, value.Written, value.Total));
    }
}
