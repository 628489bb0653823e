using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble.Tests.Models.Architectures;

/// <summary>A model with random weights, built in memory tensor by tensor.</summary>
internal sealed class TinyModel
{
    public const int Width = 64, Heads = 4, KeyHeads = 2, Size = 16, Wide = 96, Vocabulary = 128, Experts = 8;

    private readonly OrderedDictionary<string, (long[] Shape, float[] Values)> _tensors = [];
    private readonly Dictionary<string, object> _keys = [];
    private readonly Random _random = new(17);
    private string _architecture;

    /// <param name="architecture">Its name.</param>
    /// <param name="layers">Layers.</param>
    /// <param name="centred">Whether it has layer norms.</param>
    public TinyModel(string architecture, int layers = 2, bool centred = false)
    {
        (_architecture, Layers) = (architecture, layers);
        Key("block_count", (long)layers).Key("embedding_length", (long)Width).Key("context_length", 256L);
        Key("attention.head_count", (long)Heads).Key("attention.head_count_kv", (long)KeyHeads);
        Key(centred ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon", 1e-5);
        Tensor("token_embd.weight", Width, Vocabulary).Tensor("output_norm.weight", Width);
    }

    public int Layers { get; }

    /// <summary>Sets a key of the architecture.</summary>
    public TinyModel Key(string key, object value) => WholeKey($"{_architecture}.{key}", value);

    public TinyModel WholeKey(string key, object value)
    {
        _keys[key] = value;
        return this;
    }

    /// <summary>Adds or replaces a tensor; gains are near 1, matrices scaled by their input's width.</summary>
    public TinyModel Tensor(string name, params long[] shape)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        bool gain = name.EndsWith("norm.weight", StringComparison.Ordinal);
        float scale = gain ? 0.1f : 1 / MathF.Sqrt(shape[0]);
        float[] values = [.. Enumerable.Range(0, (int)count).Select(_ => (gain ? 1 : 0) + (scale * (float)Normal()))];
        return Tensor(name, shape, values);
    }

    public TinyModel Tensor(string name, long[] shape, float[] values)
    {
        _tensors[name] = (shape, values);
        return this;
    }

    /// <summary>Adds a tensor to every layer from one on.</summary>
    public TinyModel Each(string name, params long[] shape) => From(0, name, shape);

    public TinyModel From(int layer, string name, params long[] shape)
    {
        for (; layer < Layers; layer++)
            Tensor($"blk.{layer}.{name}", shape);
        return this;
    }

    public TinyModel Norms(params string[] names) => names.Aggregate(this, (model, name) => model.Each(name + ".weight", Width));

    public TinyModel Attention() => Each("attn_q.weight", Width, Heads * Size).Each("attn_k.weight", Width, KeyHeads * Size)
        .Each("attn_v.weight", Width, KeyHeads * Size).Each("attn_output.weight", Heads * Size, Width);

    public TinyModel Gated(string suffix = "") => Each($"ffn_gate{suffix}.weight", Width, Wide).Plain(suffix);

    public TinyModel Plain(string suffix = "") => Each($"ffn_up{suffix}.weight", Width, Wide).Each($"ffn_down{suffix}.weight", Wide, Width);

    /// <summary>Mamba 2 in every layer of a kind: 4 heads of 32, two groups of 8 states, 3 taps.</summary>
    /// <param name="layers">Which layers.</param>
    public TinyModel Spaces(Func<int, bool> layers)
    {
        Key("ssm.inner_size", 128L).Key("ssm.state_size", 8L).Key("ssm.time_step_rank", 4L).Key("ssm.group_count", 2L).Key("ssm.conv_kernel", 3L);
        return Where(layers, "ssm_in.weight", Width, 128 + 160 + 4).Where(layers, "ssm_conv1d.weight", 3, 160).Where(layers, "ssm_conv1d.bias", 160)
            .Where(layers, "ssm_dt.bias", 4).Falling(layers, "ssm_a", 1, 4).Where(layers, "ssm_d", 1, 4)
            .Where(layers, "ssm_norm.weight", 64, 2).Where(layers, "ssm_out.weight", 128, Width);
    }

    /// <summary>Adds a tensor to every layer of a kind.</summary>
    public TinyModel Where(Func<int, bool> layers, string name, params long[] shape)
    {
        foreach (int layer in Enumerable.Range(0, Layers).Where(layers))
            Tensor($"blk.{layer}.{name}", shape);
        return this;
    }

    /// <summary>Adds a tensor of numbers below 0 to every layer of a kind.</summary>
    public TinyModel Falling(Func<int, bool> layers, string name, params long[] shape)
    {
        Where(layers, name, shape);
        foreach (int layer in Enumerable.Range(0, Layers).Where(layers))
        {
            foreach (ref float value in Values($"blk.{layer}.{name}").AsSpan())
                value = -0.1f - Math.Abs(value);
        }

        return this;
    }

    /// <summary>Experts in all layers but the first, in place of what they would feed forward through.</summary>
    public TinyModel Mixture() => Routed(1).Without(1, "ffn_gate.weight", "ffn_up.weight", "ffn_down.weight");

    /// <summary>Experts in every layer, one of which all share through a gate.</summary>
    public TinyModel MixtureEverywhere() => Routed(0).Without(0, "ffn_gate.weight", "ffn_up.weight", "ffn_down.weight").Shared().Each("ffn_gate_inp_shexp.weight", Width);

    /// <summary>An expert that all share, in layers that have experts.</summary>
    public TinyModel Shared()
    {
        Gated("_shexp");
        foreach (int layer in Enumerable.Range(0, Layers).Where(layer => !_tensors.ContainsKey($"blk.{layer}.ffn_gate_inp.weight")))
            Without($"blk.{layer}.ffn_gate_shexp.weight").Without($"blk.{layer}.ffn_up_shexp.weight").Without($"blk.{layer}.ffn_down_shexp.weight");
        return this;
    }

    private TinyModel Routed(int first) => Key("expert_count", (long)Experts).Key("expert_used_count", 3L)
        .From(first, "ffn_gate_inp.weight", Width, Experts).From(first, "ffn_gate_exps.weight", Width, Wide, Experts)
        .From(first, "ffn_up_exps.weight", Width, Wide, Experts).From(first, "ffn_down_exps.weight", Wide, Width, Experts);

    /// <summary>Rounds all gains to 64ths, so that less one and plus one gives them back.</summary>
    public void Round()
    {
        foreach ((_, float[] values) in _tensors.Where(entry => entry.Key.EndsWith("norm.weight", StringComparison.Ordinal)).Select(entry => entry.Value))
        {
            foreach (ref float value in values.AsSpan())
                value = MathF.Round(64 * value) / 64;
        }
    }

    public float[] Values(string name) => _tensors[name].Values;

    /// <summary>The same of another architecture.</summary>
    public TinyModel As(string architecture)
    {
        foreach ((string key, object value) in _keys.Where(entry => entry.Key.StartsWith(_architecture + ".", StringComparison.Ordinal)).ToArray())
        {
            _keys.Remove(key);
            _keys[architecture + key[_architecture.Length..]] = value;
        }

        _architecture = architecture;
        return this;
    }

    /// <summary>Sets a key of the architecture, unless it is set.</summary>
    public TinyModel Default(string key, object value) => _keys.ContainsKey($"{_architecture}.{key}") ? this : Key(key, value);

    /// <summary>Removes tensors from every layer from one on.</summary>
    public TinyModel Without(int first, params string[] names)
    {
        foreach (int layer in Enumerable.Range(first, Layers - first))
        {
            foreach (string name in names)
                Without($"blk.{layer}.{name}");
        }

        return this;
    }

    public TinyModel Without(string name)
    {
        _tensors.Remove(name);
        return this;
    }

    /// <param name="matrices">The format of all matrices but the embedding and the routers.</param>
    public ModelFile File(string matrices = "F32")
    {
        var metadata = new Metadata();
        metadata.Add("general.architecture", _architecture);
        foreach ((string key, object value) in _keys)
            metadata.Add(key, value);
        return new("tiny.gguf", metadata, [.. _tensors.Select(entry => Stored(entry.Key, entry.Value.Shape, entry.Value.Values, BlockFormats.Named(matrices)))]);
    }

    private static StoredTensor Stored(string name, long[] shape, float[] values, BlockFormat format)
    {
        if (shape.Length == 1 || name.Contains("_inp", StringComparison.Ordinal) || shape[0] % format.BlockLength != 0)
            format = BlockFormats.Named("F32");
        return new(name, format, shape, () => format.Name == "F32" ? Bytes(values) : Encoded(values, format, (int)shape[0]));
    }

    private static Region Encoded(float[] values, BlockFormat format, int columns)
    {
        int rowBytes = (int)format.RowBytes(columns);
        var memory = new Allocation(values.Length / columns * (long)rowBytes);
        for (int row = 0; row < values.Length / columns; row++)
            format.Encode(values.AsSpan(row * columns, columns), [], memory.Slice((long)row * rowBytes, rowBytes));
        return memory.Region;
    }

    private static Region Bytes(float[] values)
    {
        var memory = new Allocation((long)values.Length * sizeof(float));
        values.CopyTo(memory.Floats);
        return memory.Region;
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
