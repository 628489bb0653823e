using Thimble.Models.Files;
using Xunit.Abstractions;

namespace Thimble.Tests.Models.Architectures;

/// <summary>Tiny random models against llama.cpp's logits of them, for architectures that no fixture is of.</summary>
/// <remarks>With TINY_FILES=FOLDER the models are written there, for <c>Golden/tiny/oracle.cpp</c> to compute the logits anew.</remarks>
public class TinyReferenceTests(ITestOutputHelper output)
{
    private const int Every = 8;   // of the tokens' logits, every eighth are kept

    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 40).Select(i => (i * 37) % TinyModel.Vocabulary)];

    private static readonly Dictionary<string, Func<TinyModel>> s_models = new()
    {
        ["apertus"] = () => TinyModelTests.Make("apertus").Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary),
        ["arcee"] = () => TinyModelTests.Make("arcee"),
        ["bailingmoe"] = () => Mixed("bailingmoe").Gated("_shexp").Key("expert_weights_scale", 2.5),
        ["bailingmoe2"] = () => Later("bailingmoe2").Each("attn_qkv.weight", TinyModel.Width, 128).HeadNorms().Without("blk.0.attn_q.weight").Without("blk.0.attn_k.weight").Without("blk.0.attn_v.weight")
            .Without("blk.1.attn_q.weight").Without("blk.1.attn_k.weight").Without("blk.1.attn_v.weight").Key("expert_gating_func", 2L).Key("expert_group_count", 4L).Key("expert_group_used_count", 2L)
            .Key("expert_weights_scale", 2.5).Key("expert_weights_norm", true).From(1, "exp_probs_b.bias", TinyModel.Experts),
        ["bitnet"] = () => TinyModelTests.Make("bitnet"),
        ["cohere2"] = () => TinyModelTests.Make("cohere2"),
        ["dbrx"] = () => new TinyModel("dbrx", centred: true).Each("attn_qkv.weight", TinyModel.Width, 128).Each("attn_output.weight", 64, TinyModel.Width)
            .Norms("attn_norm", "attn_output_norm").Mixture().From(0, "ffn_gate_inp.weight", TinyModel.Width, TinyModel.Experts).From(0, "ffn_gate_exps.weight", TinyModel.Width, TinyModel.Wide, TinyModel.Experts)
            .From(0, "ffn_up_exps.weight", TinyModel.Width, TinyModel.Wide, TinyModel.Experts).From(0, "ffn_down_exps.weight", TinyModel.Wide, TinyModel.Width, TinyModel.Experts)
            .Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary).Key("attention.clamp_kqv", 0.5),
        ["deepseek"] = () => Later("deepseek").Key("expert_weights_scale", 1.0),
        ["dots1"] = () => Later("dots1").Key("attention.head_count_kv", 4L).Each("attn_k.weight", TinyModel.Width, 64).Each("attn_v.weight", TinyModel.Width, 64).HeadNorms().Key("expert_gating_func", 2L).Key("expert_weights_norm", true).Key("expert_weights_scale", 1.5)
            .From(1, "exp_probs_b.bias", TinyModel.Experts),
        ["ernie4_5"] = () => TinyModelTests.Dense("ernie4_5"),
        ["exaone"] = () => TinyModelTests.Dense("exaone"),
        ["gemma3"] = () => TinyModelTests.Make("gemma3"),
        ["hunyuan-moe"] = () => Mixed("hunyuan-moe").Gated("_shexp").HeadNorms(),
        ["llama4"] = () => Llama4(),
        ["olmo2"] = () => TinyModelTests.Make("olmo2").Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary),
        ["olmo2-local"] = () => TinyModelTests.Make("olmo2 local").Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary)
            .Norms("post_attention_norm", "post_ffw_norm").Each("attn_q_norm.weight", TinyModel.Width).Each("attn_k_norm.weight", TinyModel.KeyHeads * TinyModel.Size),
        ["qwen2vl"] = () => TinyModelTests.Dense("qwen2vl").Key("rope.dimension_sections", MetadataArray.Of([2L, 3, 3, 0]))
            .Each("attn_q.bias", 64).Each("attn_k.bias", 32).Each("attn_v.bias", 32),
        ["qwen3vl"] = () => TinyModelTests.Dense("qwen3vl").HeadNorms().Key("rope.dimension_sections", MetadataArray.Of([3L, 3, 2, 0])),
        ["rwkv7"] = () => HybridModelTests.Rwkv7().Key("attention.decay_lora_rank", 8L).Key("attention.iclr_lora_rank", 8L).Key("attention.value_residual_mix_lora_rank", 8L)
            .Key("attention.gate_lora_rank", 8L),
        ["rwkv6"] = () => Centred(HybridModelTests.Rwkv6()).Key("attention.head_count", 0L).Key("attention.head_count_kv", 0L).Key("time_mix_extra_dim", 8L).Key("time_decay_extra_dim", 8L),
        ["rwkv6qwen2"] = () => Headed(HybridModelTests.Make("rwkv6qwen2")).Key("time_mix_extra_dim", 8L).Key("time_decay_extra_dim", 8L).Key("token_shift_count", 1L),
        ["arwkv7"] = () => Headed(HybridModelTests.Make("arwkv7")).Key("attention.decay_lora_rank", 8L).Key("attention.iclr_lora_rank", 8L)
            .Key("attention.value_residual_mix_lora_rank", 8L).Key("attention.gate_lora_rank", 0L).Key("token_shift_count", 1L).Key("attention.head_count", 0L).Key("attention.head_count_kv", 0L),
        ["qwen35"] = () => HybridModelTests.Make("qwen35").Key("rope.dimension_sections", MetadataArray.Of([2L, 1, 1, 0])).Key("full_attention_interval", 3L),
        ["qwen35moe"] = () => HybridModelTests.Make("qwen35").As("qwen35moe").MixtureEverywhere().Key("rope.dimension_sections", MetadataArray.Of([2L, 1, 1, 0])).Key("full_attention_interval", 3L),
        ["qwen3next"] = () => HybridModelTests.Qwen3Next().MixtureEverywhere().Key("full_attention_interval", 3L),
        ["qwen3vlmoe"] = () => Mixed("qwen3vlmoe").HeadNorms().Key("rope.dimension_sections", MetadataArray.Of([3L, 3, 2, 0])),
        ["nemotron_h_moe"] = () => Headed(HybridModelTests.Make("nemotron_h_moe")).Key("feed_forward_length", MetadataArray.Of([0L, 0, 48])).Key("expert_feed_forward_length", 48L)
            .Key("expert_shared_feed_forward_length", 48L),
        ["gemma3n"] = () => TinyModelTests.Make("gemma3n"),
        ["minicpm3"] = () => TinyModelTests.Make("minicpm3").Key("attention.q_lora_rank", 24L).Key("attention.head_count_kv", 4L),
        ["seed_oss"] = () => TinyModelTests.Make("seed_oss"),
        ["starcoder"] = () => new TinyModel("starcoder", centred: true).Key("attention.head_count_kv", 1L).Tensor("position_embd.weight", TinyModel.Width, 256)
            .Norms("attn_norm", "ffn_norm").Each("attn_norm.bias", TinyModel.Width).Each("ffn_norm.bias", TinyModel.Width).Tensor("output_norm.bias", TinyModel.Width)
            .Each("attn_qkv.weight", TinyModel.Width, 96).Each("attn_qkv.bias", 96).Each("attn_output.weight", 64, TinyModel.Width).Each("attn_output.bias", TinyModel.Width)
            .Plain().Each("ffn_up.bias", TinyModel.Wide).Each("ffn_down.bias", TinyModel.Width),
        ["xverse"] = () => TinyModelTests.Dense("xverse").Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary),
    };

    public static TheoryData<string> Names => [.. s_models.Keys.Where(name => File.Exists(Path(name)))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Logits_are_those_of_llama_cpp(string name)
    {
        using var model = new Runs(Whole(name).File());
        float[] ours = [.. model.Logits(s_tokens, 40).Where((_, i) => i % Every == Every - 1).SelectMany(row => row)];
        byte[] bytes = File.ReadAllBytes(Path(name));
        Assert.Equal(ours.Length * sizeof(float), bytes.Length);
        double error = 0, sum = 0;
        for (int i = 0; i < ours.Length; i++)
        {
            double theirs = BitConverter.ToSingle(bytes, i * sizeof(float));
            (error, sum) = (error + ((ours[i] - theirs) * (ours[i] - theirs)), sum + (theirs * theirs));
        }

        output.WriteLine($"{name}: {error / sum:E1}");
        Assert.True(error / sum < 1e-6, $"{name}: {error / sum:E1}");
    }

    [Fact]
    public void Files_for_the_reference_are_written_if_asked_for()
    {
        if (Environment.GetEnvironmentVariable("TINY_FILES") is not { Length: > 0 } folder)
            return;
        foreach (string name in s_models.Keys)
        {
            using ModelFile file = Whole(name).File();
            GgufWriter.Write(System.IO.Path.Combine(folder, name + ".gguf"), file.Metadata, [.. file.Tensors.Select(TensorSource.Copy)]);
        }
    }

    private static string Path(string name) => Golden.Path($"tiny/{name}.logits");

    /// <summary>With the keys that llama.cpp asks for.</summary>
    private static TinyModel Whole(string name) => s_models[name]().WholeKey("tokenizer.ggml.model", "no_vocab").Key("vocab_size", (long)TinyModel.Vocabulary)
        .Default("feed_forward_length", (long)TinyModel.Wide).Default("expert_feed_forward_length", (long)TinyModel.Wide).Default("expert_shared_feed_forward_length", (long)TinyModel.Wide)
        .Key("expert_shared_count", 1L).Key("leading_dense_block_count", 1L);

    /// <summary>With a head of its own.</summary>
    private static TinyModel Headed(TinyModel model) => model.Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary);

    /// <summary>With the biases of layer norms that llama.cpp asks for.</summary>
    private static TinyModel Centred(TinyModel model) => Headed(model).Tensor("output_norm.bias", TinyModel.Width).Tensor("token_embd_norm.bias", TinyModel.Width)
        .Each("attn_norm.bias", TinyModel.Width).Each("attn_norm_2.bias", TinyModel.Width);

    /// <summary>Experts in every layer.</summary>
    private static TinyModel Mixed(string architecture) => TinyModelTests.Attended(architecture).Norms("attn_norm", "ffn_norm").Mixture()
        .From(0, "ffn_gate_inp.weight", TinyModel.Width, TinyModel.Experts).From(0, "ffn_gate_exps.weight", TinyModel.Width, TinyModel.Wide, TinyModel.Experts)
        .From(0, "ffn_up_exps.weight", TinyModel.Width, TinyModel.Wide, TinyModel.Experts).From(0, "ffn_down_exps.weight", TinyModel.Wide, TinyModel.Width, TinyModel.Experts)
        .Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary);

    /// <summary>Experts, and one that all share, in all layers but the first.</summary>
    private static TinyModel Later(string architecture) => Dense(TinyModelTests.Attended(architecture).Norms("attn_norm", "ffn_norm").Mixture(), 0)
        .From(1, "ffn_gate_shexp.weight", TinyModel.Width, TinyModel.Wide).From(1, "ffn_up_shexp.weight", TinyModel.Width, TinyModel.Wide)
        .From(1, "ffn_down_shexp.weight", TinyModel.Wide, TinyModel.Width).Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary);

    private static TinyModel Dense(TinyModel model, int layer) => model.Tensor($"blk.{layer}.ffn_gate.weight", TinyModel.Width, TinyModel.Wide)
        .Tensor($"blk.{layer}.ffn_up.weight", TinyModel.Width, TinyModel.Wide).Tensor($"blk.{layer}.ffn_down.weight", TinyModel.Wide, TinyModel.Width);

    /// <summary>Experts in every second layer.</summary>
    private static TinyModel Llama4()
    {
        TinyModel model = TinyModelTests.Attended("llama4", layers: 4).Norms("attn_norm", "ffn_norm").Key("expert_count", (long)TinyModel.Experts)
            .Key("expert_used_count", 1L).Key("interleave_moe_layer_step", 2L);
        Dense(Dense(model, 0), 2);
        foreach (int layer in (int[])[1, 3])
        {
            string at = $"blk.{layer}.ffn_";
            model.Tensor(at + "gate_inp.weight", TinyModel.Width, TinyModel.Experts).Tensor(at + "gate_exps.weight", TinyModel.Width, TinyModel.Wide, TinyModel.Experts)
                .Tensor(at + "up_exps.weight", TinyModel.Width, TinyModel.Wide, TinyModel.Experts).Tensor(at + "down_exps.weight", TinyModel.Wide, TinyModel.Width, TinyModel.Experts)
                .Tensor(at + "gate_shexp.weight", TinyModel.Width, TinyModel.Wide).Tensor(at + "up_shexp.weight", TinyModel.Width, TinyModel.Wide)
                .Tensor(at + "down_shexp.weight", TinyModel.Wide, TinyModel.Width);
        }

        return model;
    }
}
