using Thimble.Compute.Formats;
using Thimble.Models.Adapters;
using Thimble.Models.Blocks;
using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Adapters;

/// <summary>An adapter with random matrices, for whichever weights of a model.</summary>
internal sealed class TinyAdapter(ModelFile model, int seed = 5, string? architecture = null)
{
    private readonly Dictionary<string, (long[] Shape, float[] Values)> _tensors = [];
    private readonly Random _random = new(seed);

    public double Alpha { get; init; } = 6;

    /// <summary>Changes for every weight whose name holds one of some texts.</summary>
    public TinyAdapter Change(int rank, params string[] names)
    {
        foreach (StoredTensor tensor in model.Tensors.Where(tensor => tensor.Shape.Count > 1 && names.Any(name => tensor.Name.Contains(name, StringComparison.Ordinal))))
        {
            bool table = tensor.Name == "token_embd.weight";
            Add(tensor.Name + ".lora_a", table ? [rank, tensor.Shape[1]] : [tensor.Shape[0], rank, .. tensor.Shape.Skip(2)]);
            Add(tensor.Name + ".lora_b", table ? [rank, tensor.Shape[0]] : [rank, tensor.Shape[1], .. tensor.Shape.Skip(2)]);
        }

        return this;
    }

    /// <summary>Adds or replaces a tensor.</summary>
    public TinyAdapter Add(string name, long[] shape, float scale = 0.2f)
    {
        _tensors[name] = (shape, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => scale * (float)((2 * _random.NextDouble()) - 1))]);
        return this;
    }

    public float[] Values(string name) => _tensors[name].Values;

    public TinyAdapter Without(string name)
    {
        _tensors.Remove(name);
        return this;
    }

    /// <summary>Makes all B zero, so that nothing is added.</summary>
    public TinyAdapter Silent()
    {
        foreach ((string name, (long[] _, float[] values)) in _tensors)
        {
            if (name.EndsWith(".lora_b", StringComparison.Ordinal))
                Array.Clear(values);
        }

        return this;
    }

    /// <summary>Writes it as a GGUF file.</summary>
    public string Write(string path, string kind = "lora", long[]? invocation = null)
    {
        var metadata = new Metadata();
        metadata.Add("general.type", "adapter");
        metadata.Add("general.architecture", architecture ?? model.Architecture);
        metadata.Add("adapter.type", kind);
        metadata.Add("adapter.lora.alpha", Alpha);
        if (invocation is not null)
            metadata.Add("adapter.alora.invocation_tokens", MetadataArray.Of(invocation));
        GgufWriter.Write(path, metadata, Sources());
        return path;
    }

    /// <summary>Writes it as a control vector.</summary>
    public string WriteVector(string path)
    {
        var metadata = new Metadata();
        metadata.Add("general.architecture", "controlvector");
        metadata.Add("controlvector.model_hint", model.Architecture);
        GgufWriter.Write(path, metadata, Sources());
        return path;
    }

    /// <summary>What a file changes in a model.</summary>
    public static Adaptation Fit(string path, Runs runs) =>
        AdapterFile.Read(path, runs.File, file => new AdapterFit(file, runs.File, runs.Decoder).Run());

    private TensorSource[] Sources() =>
        [.. _tensors.Select(entry => TensorSource.Of(entry.Key, entry.Value.Shape, entry.Value.Values, BlockFormats.Named("F32")))];
}
