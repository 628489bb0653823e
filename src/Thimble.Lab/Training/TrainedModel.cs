using System.Runtime.InteropServices;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Models.Architectures;
using Thimble.Models.Files;

namespace Thimble.Lab.Training;

/// <summary>A model whose numbers lie in memory where training can change them, beside the same model as inference runs it.</summary>
internal sealed class TrainedModel : IDisposable
{
    private readonly Dictionary<string, Allocation> _memory = [];
    private readonly List<TakenVector> _vectors = [];

    /// <summary>A copy of a model in 32-bit floats, or with matrices left as they are where they are to stay frozen.</summary>
    /// <param name="source">The model; it must stay open where matrices are left as they are.</param>
    /// <param name="context">The longest sequence it is trained on, which decides which of two sets of rotations a model with both is given;
    /// null for what it was made for.</param>
    /// <param name="frozen">Whether matrices keep their format and cannot be trained.</param>
    /// <param name="packed">The format that frozen matrices of layers are packed into: <c>nf4</c>; null for none.</param>
    /// <exception cref="ArgumentException">The format is unknown.</exception>
    public TrainedModel(ModelFile source, int? context = null, bool frozen = false, string? packed = null)
    {
        if (packed is not null and not "nf4")
            throw new ArgumentException($"Frozen matrices cannot be packed as '{packed}'; known: nf4. For a format of GGUF, begin with a model quantised to it.", nameof(packed));
        File = new ModelFile(source.Path, source.Metadata, [.. source.Tensors.Select(tensor => !frozen || tensor.Rows <= 1 ? Copy(tensor) : packed is null ? tensor : Pack(tensor))]);
        var blueprint = new Blueprint(File, new Opening(Precision.Floats, null))
        {
            Taken = _vectors,
            Context = context ?? File.FindInt("context_length") ?? 0,
        };
        Graph = new Graph(Architectures.Build(blueprint), _vectors);
    }

    /// <summary>The model as a file would hold it.</summary>
    public ModelFile File { get; }

    /// <summary>The model as training sees it.</summary>
    public Graph Graph { get; }

    /// <summary>Bytes of the numbers.</summary>
    public long Bytes => _memory.Values.Sum(memory => memory.Length);

    /// <summary>Writes the model as GGUF.</summary>
    /// <param name="path">Where; it appears there when it is whole.</param>
    public void Save(string path)
    {
        Settle();
        GgufWriter.Write(path, File.Metadata, [.. File.Tensors.Select(TensorSource.Copy)], workers: 1);
    }

    /// <summary>Writes small tensors, which blocks hold as arrays, back to where the file's tensors lie.</summary>
    public void Settle()
    {
        foreach (TakenVector vector in _vectors)
            vector.CopyTo(_memory[vector.Tensor].Floats);
    }

    /// <summary>Frees its memory.</summary>
    public void Dispose()
    {
        Graph.Dispose();
        foreach (Allocation memory in _memory.Values)
            memory.Dispose();
    }

    /// <summary>A matrix in NF4; tables of a vocabulary stay as they are.</summary>
    private StoredTensor Pack(StoredTensor tensor)
    {
        if (!tensor.Name.StartsWith("blk.", StringComparison.Ordinal))
            return tensor;
        var format = new NF4(checked((int)tensor.Columns));
        var memory = new Allocation(tensor.Rows * format.BlockBytes);
        _memory.Add(tensor.Name, memory);
        float[] values = tensor.Values();
        for (int row = 0; row < tensor.Rows; row++)
            format.Encode(values.AsSpan(row * format.BlockLength, format.BlockLength), [], memory.Slice((long)row * format.BlockBytes, format.BlockBytes));
        return new StoredTensor(tensor.Name, format, [.. tensor.Shape], () => memory.Region);
    }

    private StoredTensor Copy(StoredTensor tensor)
    {
        float[] values = tensor.Values();
        var memory = new Allocation((long)values.Length * sizeof(float));
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(memory.Slice(0, values.Length * sizeof(float)));
        _memory.Add(tensor.Name, memory);
        return new StoredTensor(tensor.Name, BlockFormats.Named("F32"), [.. tensor.Shape], () => memory.Region);
    }
}
