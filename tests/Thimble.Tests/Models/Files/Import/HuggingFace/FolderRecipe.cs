using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>A Hugging Face folder of random weights: two layers of width 16, four heads over two, eight tokens.</summary>
internal sealed class FolderRecipe
{
    private readonly Random _random = new(20);
    private readonly Dictionary<string, (int[] Shape, float[] Values)> _tensors = [];

    public JsonObject Config { get; } = new()
    {
        ["hidden_size"] = 16,
        ["intermediate_size"] = 24,
        ["num_hidden_layers"] = 2,
        ["num_attention_heads"] = 4,
        ["num_key_value_heads"] = 2,
        ["max_position_embeddings"] = 64,
        ["rms_norm_eps"] = 1e-6,
        ["rope_theta"] = 500000.0,
        ["vocab_size"] = 8,
        ["eos_token_id"] = 2,
    };

    public JsonObject? Generation { get; set; }

    public JsonObject? Settings { get; set; }

    /// <summary>The number format of all tensors: F32 or BF16.</summary>
    public string Format { get; init; } = "F32";

    public float[] Values(string name) => _tensors[name].Values;

    public void Remove(string name) => _tensors.Remove(name);

    /// <summary>A tensor of random values that bfloat16 holds exactly.</summary>
    public FolderRecipe Add(string name, params int[] shape)
    {
        float[] values = new float[shape.Aggregate(1, (product, size) => product * size)];
        for (int i = 0; i < values.Length; i++)
            values[i] = _random.Next(-128, 128) / 64f;
        _tensors.Add(name, (shape, values));
        return this;
    }

    /// <summary>A gated decoder such as Llama or Qwen.</summary>
    public static FolderRecipe Gated(string className, string format = "F32", bool biases = false, bool norms = false)
    {
        var recipe = new FolderRecipe { Format = format };
        recipe.Config["architectures"] = new JsonArray(className);
        recipe.Add("model.embed_tokens.weight", 8, 16).Add("model.norm.weight", 16).Add("lm_head.weight", 8, 16);
        for (int i = 0; i < 2; i++)
        {
            string at = $"model.layers.{i}.";
            recipe.Add(at + "self_attn.q_proj.weight", 16, 16).Add(at + "self_attn.k_proj.weight", 8, 16).Add(at + "self_attn.v_proj.weight", 8, 16)
                .Add(at + "self_attn.o_proj.weight", 16, 16).Add(at + "input_layernorm.weight", 16).Add(at + "post_attention_layernorm.weight", 16)
                .Add(at + "mlp.gate_proj.weight", 24, 16).Add(at + "mlp.up_proj.weight", 24, 16).Add(at + "mlp.down_proj.weight", 16, 24);
            if (biases)
                recipe.Add(at + "self_attn.q_proj.bias", 16).Add(at + "self_attn.k_proj.bias", 8).Add(at + "self_attn.v_proj.bias", 8);
            if (norms)
                recipe.Add(at + "self_attn.q_norm.weight", 4).Add(at + "self_attn.k_norm.weight", 4);
        }

        return recipe;
    }

    /// <summary>GPT-2 with its own config names, the prefix as the hub's files have it or not.</summary>
    public static FolderRecipe Gpt2(string prefix)
    {
        var recipe = new FolderRecipe();
        recipe.Config.Clear();
        foreach ((string key, int value) in (ReadOnlySpan<(string, int)>)[("n_embd", 16), ("n_layer", 1), ("n_head", 4), ("n_positions", 64), ("vocab_size", 8)])
            recipe.Config[key] = value;
        recipe.Config["layer_norm_epsilon"] = 1e-5;
        recipe.Config["architectures"] = new JsonArray("GPT2LMHeadModel");
        recipe.Add(prefix + "wte.weight", 8, 16).Add(prefix + "wpe.weight", 64, 16).Add(prefix + "ln_f.weight", 16).Add(prefix + "ln_f.bias", 16);
        string at = prefix + "h.0.";
        recipe.Add(at + "ln_1.weight", 16).Add(at + "ln_1.bias", 16).Add(at + "ln_2.weight", 16).Add(at + "ln_2.bias", 16)
            .Add(at + "attn.bias", 1, 1, 64, 64).Add(at + "attn.c_attn.weight", 16, 48).Add(at + "attn.c_attn.bias", 48)
            .Add(at + "attn.c_proj.weight", 16, 16).Add(at + "attn.c_proj.bias", 16).Add(at + "mlp.c_fc.weight", 16, 64)
            .Add(at + "mlp.c_fc.bias", 64).Add(at + "mlp.c_proj.weight", 64, 16).Add(at + "mlp.c_proj.bias", 16);
        return recipe;
    }

    /// <summary>Writes the folder.</summary>
    public Scratch Write()
    {
        var scratch = new Scratch();
        scratch.Write("config.json", Config.ToJsonString());
        scratch.Write("model.safetensors", Weights());
        scratch.Write("tokenizer.json", """
            {"added_tokens":[{"id":0,"content":"<s>","special":true},{"id":2,"content":"<end>","special":true},{"id":7,"content":"<turn>","special":true}],
            "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},"decoder":{"type":"ByteLevel"},
            "model":{"type":"BPE","vocab":{"a":1,"b":3,"c":4,"ab":5,"abc":6},"merges":["a b",["ab","c"]]}}
            """);
        if (Generation is not null)
            scratch.Write("generation_config.json", Generation.ToJsonString());
        if (Settings is not null)
            scratch.Write("tokenizer_config.json", Settings.ToJsonString());
        return scratch;
    }

    private byte[] Weights()
    {
        int size = Format == "F32" ? 4 : 2;
        var header = new JsonObject();
        using var data = new MemoryStream();
        foreach ((string name, (int[] shape, float[] values)) in _tensors)
        {
            long start = data.Position;
            foreach (float value in values)
                data.Write(BitConverter.GetBytes(value).AsSpan(4 - size));   // a bfloat16 is the upper half of a float
            header[name] = new JsonObject
            {
                ["dtype"] = Format,
                ["shape"] = new JsonArray([.. shape.Select(length => JsonValue.Create(length))]),
                ["data_offsets"] = new JsonArray(start, data.Position),
            };
        }

        byte[] json = Encoding.UTF8.GetBytes(header.ToJsonString()), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. data.ToArray()];
    }
}
