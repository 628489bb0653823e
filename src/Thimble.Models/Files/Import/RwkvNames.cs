using Thimble.Compute.Formats;

namespace Thimble.Models.Files;

/// <summary>From rwkv.cpp's tensors to GGUF's: one table of names for each version, and what differs besides names.</summary>
/// <remarks>
/// <para>In every version <c>x'</c> is the token before; <c>token_embd_norm</c> follows the embedding, <c>attn_norm</c> and
/// <c>attn_norm_2</c> precede time and channel mix, all of them layer norms with gain and bias of [d].</para>
/// <para><b>4 and 5</b>: <c>time_mix_lerp_{k,v,r,g}</c> [d] and <c>channel_mix_lerp_{k,r}</c> [d] weigh the present:
/// <c>m·x + (1 − m)·x'</c>. Channel mix: <c>σ(receptance·xr) · (value·relu(key·xk)²)</c>.</para>
/// <para><b>4</b>: <c>time_mix_decay</c> [d] is −exp(w), added to the running exponent; <c>time_mix_first</c> [d] is u, the bonus of
/// the present token; receptance goes through σ.</para>
/// <para><b>5</b>: <c>time_mix_decay</c> [N, H] is exp(−exp(w)), multiplied with the state's row of each key channel;
/// <c>time_mix_first</c> [N, H] is the bonus of each key channel; <c>time_mix_ln</c> [d] is a group norm over heads with
/// ε 1e-5; 5.2 gates by silu of <c>time_mix_gate</c>, 5.1 has no gate and one decay and bonus for each head, repeated here.</para>
/// <para><b>6</b>: lerps weigh the past, <c>x + m·(x' − x)</c>. <c>time_mix_lerp_x</c> [d]; <c>time_mix_lerp_fused</c> [d, 1, 1, 5] in
/// the order w k v r g; <c>time_mix_w1</c> [d, 5·r], <c>time_mix_w2</c> [r, d, 5]; <c>time_mix_decay</c> [d] is w itself,
/// <c>time_mix_decay_w1</c> [d, s], <c>time_mix_decay_w2</c> [s, d]; <c>time_mix_first</c> [N, H]; ε 64e-5.</para>
/// <para><b>7</b>: lerps weigh the past too. <c>time_mix_lerp_fused</c> [d, 1, 1, 6] in the order r w k v a g; decay, rate, value and
/// gate of low rank <c>time_mix_{w,a,v}0</c> [d], <c>time_mix_{w,a,v,g}1</c> [d, rank], <c>…2</c> [rank, d];
/// <c>time_mix_{k_k,k_a,r_k}</c> [d]; <c>channel_mix_lerp_k</c> [d], <c>channel_mix_key</c> [d, ff], <c>channel_mix_value</c> [ff, d] with relu
/// squared between; ε 64e-5. As llama.cpp wants them, layer 0 has <c>time_mix_v{0,1,2}</c> too: copies of <c>a</c>, never used.</para>
/// </remarks>
internal sealed class RwkvNames
{
    private static readonly (string Theirs, string Ours)[] s_whole =
    [
        ("emb.weight", "token_embd.weight"),
        ("blocks.0.ln0.weight", "token_embd_norm.weight"), ("blocks.0.ln0.bias", "token_embd_norm.bias"),
        ("ln_out.weight", "output_norm.weight"), ("ln_out.bias", "output_norm.bias"),
        ("head.weight", "output.weight"),
    ];

    private static readonly (string Theirs, string Ours)[] s_everyLayer =
    [
        ("ln1.weight", "attn_norm.weight"), ("ln1.bias", "attn_norm.bias"),
        ("ln2.weight", "attn_norm_2.weight"), ("ln2.bias", "attn_norm_2.bias"),
        ("att.receptance.weight", "time_mix_receptance.weight"), ("att.key.weight", "time_mix_key.weight"),
        ("att.value.weight", "time_mix_value.weight"), ("att.output.weight", "time_mix_output.weight"),
        ("ffn.key.weight", "channel_mix_key.weight"), ("ffn.value.weight", "channel_mix_value.weight"),
    ];

    private static readonly (string Theirs, string Ours)[] s_present =
    [
        ("att.time_mix_k", "time_mix_lerp_k.weight"), ("att.time_mix_v", "time_mix_lerp_v.weight"), ("att.time_mix_r", "time_mix_lerp_r.weight"),
        ("att.time_decay", "time_mix_decay.weight"),
        ("ffn.time_mix_k", "channel_mix_lerp_k.weight"), ("ffn.time_mix_r", "channel_mix_lerp_r.weight"),
        ("ffn.receptance.weight", "channel_mix_receptance.weight"),
    ];

    private static readonly (string Theirs, string Ours)[] s_headNorm =
        [("att.ln_x.weight", "time_mix_ln.weight"), ("att.ln_x.bias", "time_mix_ln.bias")];

    private static readonly (string Theirs, string Ours)[] s_gate = [("att.gate.weight", "time_mix_gate.weight")];

    private static readonly (string Theirs, string Ours)[] s_six =
    [
        ("att.time_maa_x", "time_mix_lerp_x.weight"), ("att.time_maa_w1", "time_mix_w1.weight"), ("att.time_maa_w2", "time_mix_w2.weight"),
        ("att.time_decay", "time_mix_decay.weight"), ("att.time_decay_w1", "time_mix_decay_w1.weight"),
        ("att.time_decay_w2", "time_mix_decay_w2.weight"), ("att.time_faaaa", "time_mix_first.weight"),
        ("ffn.time_maa_k", "channel_mix_lerp_k.weight"), ("ffn.time_maa_r", "channel_mix_lerp_r.weight"),
        ("ffn.receptance.weight", "channel_mix_receptance.weight"),
    ];

    private static readonly string[] s_sixLerps = ["att.time_maa_w", "att.time_maa_k", "att.time_maa_v", "att.time_maa_r", "att.time_maa_g"];

    private static readonly (string Theirs, string Ours)[] s_seven =
    [
        ("att.x_rwkvag", "time_mix_lerp_fused.weight"), ("ffn.x_k", "channel_mix_lerp_k.weight"),
        .. new[] { "w0", "w1", "w2", "a0", "a1", "a2", "g1", "g2", "k_k", "k_a", "r_k" }.Select(part => ($"att.{part}", $"time_mix_{part}.weight")),
    ];

    private readonly string _path;
    private readonly OrderedDictionary<string, StoredTensor> _stored;
    private readonly int _layers, _width, _vocabulary, _headSize;
    private readonly string _version;

    private RwkvNames(string path, OrderedDictionary<string, StoredTensor> stored, int layers, int width, int vocabulary)
    {
        (_path, _stored, _layers, _width, _vocabulary) = (path, stored, layers, width, vocabulary);
        _version = Has("att.x_rwkvag") ? "7" : Has("att.time_maa_x") ? "6" : !Has("att.ln_x.weight") ? "4" : Has("att.gate.weight") ? "5.2" : "5.1";
        _headSize = _version switch
        {
            "7" => (int)Find(0, "att.r_k").Shape[0],
            "6" or "5.2" => (int)Find(0, "att.time_faaaa").Shape.ElementAtOrDefault(1),
            "5.1" when Find(0, "att.time_decay").Shape is [.., > 0 and var heads] => width / (int)heads,
            _ => width,
        };
        if (_headSize < 1 || width % _headSize != 0)
            throw new InvalidDataException($"'{path}': heads of {_headSize} do not fit a width of {width}.");
    }

    /// <summary>GGUF's name for the architecture.</summary>
    public string Architecture => "rwkv" + _version[0];

    /// <summary>Recognises the version by the tensors there are.</summary>
    /// <exception cref="InvalidDataException">A tensor that tells is missing.</exception>
    public static RwkvNames For(string path, OrderedDictionary<string, StoredTensor> stored, int layers, int width, int vocabulary) =>
        new(path, stored, layers, width, vocabulary);

    /// <summary>Adds what only this version has.</summary>
    public void AddKeys(ArchitectureKeys keys)
    {
        keys.Add("feed_forward_length", Find(0, "ffn.key.weight").Rows);
        if (_version == "4")
            return;

        keys.Add("wkv.head_size", _headSize).Add("attention.group_norm_epsilon", _version[0] == '5' ? 1e-5 : 64e-5);
        if (_version == "6")
        {
            keys.Add("time_mix_extra_dim", Find(0, "att.time_maa_w1").Rows / 5)
                .Add("time_decay_extra_dim", Find(0, "att.time_decay_w1").Rows)
                .Add("rescale_every_n_layers", 0);
        }
        else if (_version == "7")
        {
            keys.Add("attention.decay_lora_rank", Find(0, "att.w1").Rows)
                .Add("attention.iclr_lora_rank", Find(0, "att.a1").Rows)
                .Add("attention.value_residual_mix_lora_rank", Find(_layers - 1, _layers > 1 ? "att.v1" : "att.a1").Rows)
                .Add("attention.gate_lora_rank", Find(0, "att.g1").Rows);
        }
    }

    /// <summary>All tensors under GGUF's names.</summary>
    /// <exception cref="InvalidDataException">One is missing or has another shape.</exception>
    public List<StoredTensor> Tensors()
    {
        List<StoredTensor> tensors = [.. s_whole.Select(pair => Named(Find(pair.Theirs), pair.Ours))];
        Expect(Find("emb.weight"), _width, _vocabulary);
        Expect(Find("head.weight"), _width, _vocabulary);
        for (int i = 0; i < _layers; i++)
        {
            foreach ((string theirs, string ours) in Table())
                tensors.Add(Named(Find(i, theirs), $"blk.{i}.{ours}"));
            if (_version == "5.1")
                tensors.AddRange(PerHead(i, "att.time_decay", "time_mix_decay.weight"), PerHead(i, "att.time_first", "time_mix_first.weight"));
            if (_version == "6")
                tensors.Add(Fused(i));
            for (int part = 0; part < 3 && _version == "7"; part++)
                tensors.Add(Named(Find(i, i == 0 ? $"att.a{part}" : $"att.v{part}"), $"blk.{i}.time_mix_v{part}.weight"));
        }

        return tensors;
    }

    private IEnumerable<(string Theirs, string Ours)> Table() => s_everyLayer.Concat(_version switch
    {
        "4" => [.. s_present, ("att.time_first", "time_mix_first.weight")],
        "5.1" => [.. s_present.Where(pair => pair.Theirs != "att.time_decay"), .. s_headNorm],
        "5.2" => [.. s_present, ("att.time_faaaa", "time_mix_first.weight"), ("att.time_mix_g", "time_mix_lerp_g.weight"), .. s_gate, .. s_headNorm],
        "6" => [.. s_six, .. s_gate, .. s_headNorm],
        _ => [.. s_seven, .. s_headNorm],
    });

    /// <summary>A tensor as llama.cpp shapes it: without dimensions of one, but for the fused lerps.</summary>
    private StoredTensor Named(StoredTensor stored, string name)
    {
        long[] shape = [.. stored.Shape.Where(size => size != 1)];
        if (name.EndsWith("fused.weight", StringComparison.Ordinal))
            shape = [_width, 1, 1, stored.Shape[^1]];
        else if (name.EndsWith("r_k.weight", StringComparison.Ordinal))
            shape = [_width];
        else if (shape.Length == 0)
            shape = [1];

        if (shape.Aggregate(1L, (product, size) => product * size) != stored.Rows * stored.Columns)
            throw new InvalidDataException($"'{_path}': tensor '{stored.Name}' has shape [{string.Join(", ", stored.Shape)}]; a width of {_width} was expected.");
        return new(name, stored.BlockFormat, shape, stored.Bytes);
    }

    /// <summary>One value for each head, repeated for each of its channels.</summary>
    private StoredTensor PerHead(int layer, string theirs, string ours)
    {
        StoredTensor stored = Find(layer, theirs);
        int heads = _width / _headSize;
        Expect(stored, 1, heads);
        return Computed.Tensor($"blk.{layer}.{ours}", BlockFormats.Named("F32"), [_headSize, heads], memory =>
        {
            float[] values = stored.Values();
            for (int i = 0; i < _width; i++)
                BitConverter.TryWriteBytes(memory.Slice(4L * i, sizeof(float)), values[i / _headSize]);
        });
    }

    /// <summary>The five lerps of RWKV 6 behind one another.</summary>
    private StoredTensor Fused(int layer)
    {
        StoredTensor[] lerps = Array.ConvertAll(s_sixLerps, name => Find(layer, name));
        foreach (StoredTensor lerp in lerps)
            Expect(lerp, _width);
        BlockFormat format = lerps[0].BlockFormat;
        int bytes = (int)format.RowBytes(_width);
        return Computed.Tensor($"blk.{layer}.time_mix_lerp_fused.weight", format, [_width, 1, 1, lerps.Length], memory =>
        {
            for (int i = 0; i < lerps.Length; i++)
                lerps[i].Bytes().Slice(0, bytes).CopyTo(memory.Slice((long)i * bytes, bytes));
        });
    }

    private bool Has(string part) => _stored.ContainsKey("blocks.0." + part);

    private StoredTensor Find(int layer, string part) => Find($"blocks.{layer}.{part}");

    private StoredTensor Find(string name) =>
        _stored.TryGetValue(name, out StoredTensor? tensor) ? tensor : throw new InvalidDataException($"'{_path}' has no tensor '{name}'.");

    private void Expect(StoredTensor tensor, params long[] shape)
    {
        long[] real = [.. tensor.Shape.Where(size => size != 1)];
        if (!real.SequenceEqual(shape.Where(size => size != 1)))
        {
            throw new InvalidDataException(
                $"'{_path}': tensor '{tensor.Name}' has shape [{string.Join(", ", tensor.Shape)}]; expected [{string.Join(", ", shape)}].");
        }
    }
}
