using Thimble.Compute.Formats;
using Thimble.Models.Files;

namespace Thimble.Library;

/// <summary>Rewrites a model, whatever container it came in, as one GGUF file: as it is, or in another number format.</summary>
/// <remarks>
/// <para>What the format asked for applies to: matrices whose name ends in <c>.weight</c>. Tensors of one dimension are stored as
/// F32; norms, biases and a few small matrices that are sensitive to rounding stay as they are.</para>
/// <para>The matrix that scores the vocabulary (<c>output.weight</c>, or <c>token_embd.weight</c> where the model has no other) gets at
/// least Q6_K: every prediction passes through it. A row that is not a whole number of blocks gets the next larger of IQ4_NL, Q5_0, Q5_1, Q8_0
/// and F16 that fits. Each such decision is part of the result.</para>
/// <para>Source: which tensors stay as they are follows llama.cpp's <c>llama-quantize</c>; its mixes of formats (<c>Q4_K_M</c>) are not made.</para>
/// </remarks>
public static class Conversion
{
    /// <summary>The formats that can be written.</summary>
    public static IReadOnlyList<string> Formats { get; } =
        [.. BlockFormats.All.Where(format => !IsWhole(format)).Select(format => format.Name).Order(StringComparer.Ordinal)];

    /// <summary>Rewrites a model.</summary>
    /// <param name="source">A model that <see cref="ModelFile.Open"/> opens.</param>
    /// <param name="target">The GGUF file to write; a file there is replaced once the new one is complete.</param>
    /// <param name="options">The format, and how; as it is if null.</param>
    /// <param name="progress">Told a few times a second, from any thread.</param>
    /// <param name="cancellationToken">Stops it; no file is left.</param>
    /// <returns>What became of each tensor.</returns>
    /// <exception cref="ArgumentException">The format is unknown, or the target is the source, a folder, or in a folder that does not exist.</exception>
    /// <exception cref="FileNotFoundException">There is no such source.</exception>
    /// <exception cref="InvalidDataException">The source is damaged, or a value does not fit the format.</exception>
    /// <exception cref="NotSupportedException">The source, or a number format in it, is of a kind this build does not know.</exception>
    /// <exception cref="CapacityException">The disk is full.</exception>
    /// <remarks>Cost: reads and writes each byte once and holds a few megabytes a thread.</remarks>
    public static ConversionResult Run(
        string source,
        string target,
        ConversionOptions? options = null,
        IProgress<ConversionProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(target);
        options ??= new();
        BlockFormat? format = options.Format is { } name ? Named(name) : null;
        CheckTarget(source, target);

        using var file = ModelFile.Open(source);
        var recipe = new ConversionRecipe(file, format, options.Pure);
        List<TensorSource> tensors = [];
        List<TensorConversion> results = [];
        foreach (StoredTensor tensor in file.Tensors)
        {
            (BlockFormat to, string? note) = recipe.For(tensor);
            tensors.Add(to == tensor.BlockFormat ? TensorSource.Copy(tensor) : TensorSource.Encode(tensor, to));
            results.Add(new(tensor.Name, tensor.Format, to.Name, note));
        }

        if (format is not null)
        {
            // Readers tell the type of a file from its tensors where the file does not say; an old word would be wrong.
            file.Metadata.Remove("general.file_type");
            file.Metadata.Set("general.quantization_version", 2L);
        }

        GgufWriter.Write(
            target, file.Metadata, tensors, progress is null ? null : new Relay(progress), options.Threads ?? Environment.ProcessorCount, cancellationToken);
        return new(file.Tensors.Sum(tensor => tensor.Length), new FileInfo(target).Length, results);
    }

    private static BlockFormat Named(string name) => Formats.Contains(name, StringComparer.OrdinalIgnoreCase)
        ? BlockFormats.Named(name)
        : throw new ArgumentException($"Format '{name}' is unknown; known: {string.Join(", ", Formats)}.", nameof(name));

    /// <summary>Formats of whole numbers hold indices, never weights.</summary>
    private static bool IsWhole(BlockFormat format) => format.Name[0] == 'I' && format.BlockLength == 1;

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
    private sealed class Relay(IProgress<ConversionProgress> progress) : IProgress<WriteProgress>
    {
        public void Report(WriteProgress value) => progress.Report(new(value.Tensor, value.Written, value.Total));
    }
}
