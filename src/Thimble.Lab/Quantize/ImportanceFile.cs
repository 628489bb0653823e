using Thimble.Compute.Formats;
using Thimble.Models.Files;

namespace Thimble.Lab.Quantize;

/// <summary>Reads and writes importance matrices: GGUF, and the layout that llama.cpp had before.</summary>
/// <remarks>Source: llama.cpp, <c>tools/imatrix</c>: a tensor's sums are <c>NAME.in_sum2</c> [columns, matrices] with <c>NAME.counts</c> [1, matrices].</remarks>
internal static class ImportanceFile
{
    private const string Sums = ".in_sum2", Counts = ".counts";

    /// <summary>Reads either layout.</summary>
    public static ImportanceMatrix Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no importance matrix '{path}'.", path);

        Span<byte> start = stackalloc byte[4];
        using (FileStream stream = File.OpenRead(path))
        {
            int read = stream.ReadAtLeast(start, 4, throwOnEndOfStream: false);
            if (!start[..read].SequenceEqual("GGUF"u8))
                return OldImportanceFile.Read(path, stream);
        }

        using var file = ModelFile.Open(path);
        return Read(file);
    }

    /// <summary>Writes GGUF.</summary>
    public static void Write(string path, ImportanceMatrix matrix)
    {
        var metadata = new Metadata();
        metadata.Set("general.type", "imatrix");
        metadata.Set("imatrix.datasets", MetadataArray.Of(matrix.Dataset is { } dataset ? [dataset] : Array.Empty<string>()));
        metadata.Set("imatrix.chunk_count", (long)matrix.Chunks);
        metadata.Set("imatrix.chunk_size", (long)matrix.ChunkLength);
        var format = BlockFormats.Named("F32");
        List<TensorSource> tensors = [];
        foreach (string name in matrix.Tensors)
        {
            if (!matrix.TryGet(name, out ColumnSums? sums))
                continue;
            int matrices = sums.Counts.Length;
            tensors.Add(TensorSource.Of(name + Sums, [sums.Squares.Length / matrices, matrices], sums.Squares, format));
            tensors.Add(TensorSource.Of(name + Counts, [1, matrices], sums.Counts, format));
        }

        GgufWriter.Write(path, metadata, tensors);
    }

    private static ImportanceMatrix Read(ModelFile file)
    {
        if (file.Metadata.FindText("general.type") is not "imatrix" and var type)
            throw new InvalidDataException($"'{file.Path}' has general.type '{type ?? "(none)"}'; expected 'imatrix'. Gather one with thimble imatrix.");

        var matrix = new ImportanceMatrix(file.Path)
        {
            Dataset = file.Metadata.FindArray("imatrix.datasets")?.Texts().LastOrDefault(),
            Chunks = (int)(file.Metadata.FindInteger("imatrix.chunk_count") ?? 0),
            ChunkLength = (int)(file.Metadata.FindInteger("imatrix.chunk_size") ?? 0),
        };
        foreach (StoredTensor tensor in file.Tensors.Where(tensor => tensor.Name.EndsWith(Sums, StringComparison.Ordinal)))
        {
            string name = tensor.Name[..^Sums.Length];
            if (!file.TryGetTensor(name + Counts, out StoredTensor? counted))
                throw new InvalidDataException($"'{file.Path}' has sums of tensor '{name}' but no '{name + Counts}'.");
            matrix.Add(name, Checked(file.Path, name, new(tensor.Values(), counted.Values())));
        }

        return matrix.Tensors.Count > 0 ? matrix : throw new InvalidDataException($"'{file.Path}' holds no importances.");
    }

    /// <summary>Refuses sums that cannot be.</summary>
    public static ColumnSums Checked(string path, string name, ColumnSums sums)
    {
        if (sums.Counts.Length == 0 || sums.Squares.Length % sums.Counts.Length != 0)
            throw new InvalidDataException($"'{path}' has {sums.Squares.Length} sums and {sums.Counts.Length} counts of tensor '{name}'; expected as many sums for each count.");
        if (Array.FindIndex(sums.Squares, value => !(value >= 0 && float.IsFinite(value))) is >= 0 and var at)
            throw new InvalidDataException($"Sum {at} of tensor '{name}' in '{path}' is {sums.Squares[at]}; expected a number of at least 0.");
        return sums;
    }
}
