using Thimble.Compute.Formats;
using Thimble.Lab.Quantize;
using Thimble.Models.Files;

namespace Thimble.Peers.Files;

/// <summary>A GGUF file with a known model's sizes and random weights, which both engines load.</summary>
internal sealed class RandomModel
{
    private readonly KnownShape _shape;
    private readonly Mix _mix;
    private readonly List<StoredTensor> _matrices = [];
    private readonly List<TensorSource> _tensors = [];
    private readonly Dictionary<(string Format, int Columns), BlockPool> _pools = [];

    private RandomModel(KnownShape shape, string mix) => (_shape, _mix) = (shape, Mixes.Named(mix));

    /// <summary>The mixes of the scoreboard.</summary>
    public static IReadOnlyList<string> Formats { get; } = ["F16", "BF16", "Q8_0", "Q4_0", "Q4_K_M", "Q6_K", "Q2_K", "TQ2_0"];

    /// <summary>The file of a shape and mix; it is written unless it is there.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="mix">The formats.</param>
    /// <param name="folder">Where files lie.</param>
    public static string Find(KnownShape shape, string mix, string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{shape.Name.ToLowerInvariant()}-{mix.ToLowerInvariant()}.gguf");
        if (!File.Exists(path))
        {
            Console.Error.WriteLine($"peers: writing {Path.GetFileName(path)} …");
            var model = new RandomModel(shape, mix);
            Metadata metadata = model.Metadata();
            model.AddTensors();
            model.AddMatrices(metadata);
            GgufWriter.Write(path, metadata, model._tensors, workers: Environment.ProcessorCount);
        }

        return path;
    }

    private Metadata Metadata()
    {
        var metadata = new Metadata();
        metadata.Add("general.architecture", _shape.Architecture);
        metadata.Add("general.name", $"{_shape.Name} {_mix.Name}, random weights");
        metadata.Add("general.file_type", (long)_mix.FileType!);
        metadata.Add("general.quantization_version", 2L);
        Add("context_length", (long)_shape.Context);
        Add("embedding_length", (long)_shape.Width);
        Add("block_count", (long)_shape.Layers);
        Add("feed_forward_length", (long)_shape.Wide);
        Add("attention.head_count", (long)_shape.Heads);
        Add("attention.head_count_kv", (long)_shape.KeyHeads);
        Add("attention.key_length", (long)_shape.HeadSize);
        Add("attention.value_length", (long)_shape.HeadSize);
        Add("attention.layer_norm_rms_epsilon", _shape.Epsilon);
        Add("rope.freq_base", _shape.FrequencyBase);
        Add("rope.dimension_count", (long)_shape.HeadSize);
        Add("vocab_size", (long)_shape.Vocabulary);
        MadeUpVocabulary.Write(metadata, _shape);
        return metadata;

        void Add(string key, object value) => metadata.Add($"{_shape.Architecture}.{key}", value);
    }

    private void AddTensors()
    {
        int queries = _shape.Heads * _shape.HeadSize, keys = _shape.KeyHeads * _shape.HeadSize;
        Matrix("token_embd", _shape.Width, _shape.Vocabulary);
        Vector("output_norm.weight", _shape.Width, 1, 0.1);
        if (_shape.HasFrequencyFactors)
            AddFactors();
        for (int layer = 0; layer < _shape.Layers; layer++)
        {
            string at = $"blk.{layer}.";
            Vector(at + "attn_norm.weight", _shape.Width, 1, 0.1);
            Matrix($"{at}attn_q", _shape.Width, queries);
            Matrix($"{at}attn_k", _shape.Width, keys);
            Matrix($"{at}attn_v", _shape.Width, keys);
            Matrix($"{at}attn_output", queries, _shape.Width);
            foreach ((string name, int length) in _shape.HasBiases ? ((string, int)[])[("q", queries), ("k", keys), ("v", keys)] : [])
                Vector($"{at}attn_{name}.bias", length, 0, 0.1);
            foreach (string name in _shape.HasHeadNorms ? (string[])["q", "k"] : [])
                Vector($"{at}attn_{name}_norm.weight", _shape.HeadSize, 1, 0.1);
            Vector(at + "ffn_norm.weight", _shape.Width, 1, 0.1);
            Matrix($"{at}ffn_gate", _shape.Width, _shape.Wide);
            Matrix($"{at}ffn_up", _shape.Width, _shape.Wide);
            Matrix($"{at}ffn_down", _shape.Wide, _shape.Width);
        }
    }

    private void Matrix(string name, int columns, int rows) =>
        _matrices.Add(new StoredTensor($"{name}.weight", BlockFormats.Named("F32"), [columns, rows], static () => throw new InvalidOperationException("It has no bytes yet.")));

    /// <summary>Gives each matrix the format that the quantiser would.</summary>
    private void AddMatrices(Metadata metadata)
    {
        using var outline = new ModelFile(_shape.Name, metadata, _matrices);
        var recipe = new Recipe(outline, _mix, new QuantizeOptions());
        foreach (StoredTensor matrix in _matrices)
        {
            BlockFormat format = recipe.For(matrix).Format;
            int columns = (int)matrix.Columns;
            if (!_pools.TryGetValue((format.Name, columns), out BlockPool? pool))
                _pools.Add((format.Name, columns), pool = new BlockPool(format, columns));
            int rowBytes = checked((int)format.RowBytes(columns));
            ulong seed = (ulong)_tensors.Count << 32;
            _tensors.Add(new(matrix.Name, format, matrix.Shape, (firstRow, bytes) => pool.Fill(seed, firstRow, rowBytes, bytes)));
        }
    }

    private void Vector(string name, int length, double mean, double deviation)
    {
        var random = new Random(_tensors.Count);
        float[] values = [.. Enumerable.Range(0, length).Select(_ => (float)(mean + (deviation * BlockPool.Normal(random))))];
        _tensors.Add(TensorSource.Of(name, [length], values, BlockFormats.Named("F32")));
    }

    /// <summary>Llama 3's stretch by 32 of the slow frequencies, smooth between wavelengths of 8,192 / 4 and 8,192.</summary>
    private void AddFactors()
    {
        const double length = 8192, factor = 32, low = 1, high = 4;
        float[] factors = new float[_shape.HeadSize / 2];
        for (int i = 0; i < factors.Length; i++)
        {
            double wave = 2 * Math.PI * Math.Pow(_shape.FrequencyBase, 2.0 * i / _shape.HeadSize);
            double smooth = Math.Clamp(((length / wave) - low) / (high - low), 0, 1);
            factors[i] = (float)(1 / (((1 - smooth) / factor) + smooth));
        }

        _tensors.Add(TensorSource.Of("rope_freqs.weight", [factors.Length], factors, BlockFormats.Named("F32")));
    }
}
