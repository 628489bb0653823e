using System.Text.Json.Nodes;
using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>A model as GGUF, and written as its family's folder is published and read again: the same logits, bit for bit.</summary>
/// <remarks>The names are those of the modules in Hugging Face transformers.</remarks>
public class FamilyTests
{
    private static readonly (string Ours, string Theirs)[] s_ends = [("token_embd", "model.embed_tokens"), ("output_norm", "model.norm"), ("output", "lm_head")];

    private static readonly (string Ours, string Theirs)[] s_attention =
    [
        ("attn_q", "model.layers.#.self_attn.q_proj"), ("attn_k", "model.layers.#.self_attn.k_proj"), ("attn_v", "model.layers.#.self_attn.v_proj"),
        ("attn_output", "model.layers.#.self_attn.o_proj"), ("attn_q_norm", "model.layers.#.self_attn.q_norm"), ("attn_k_norm", "model.layers.#.self_attn.k_norm"),
    ];

    private static readonly (string Ours, string Theirs)[] s_norms = [("attn_norm", "model.layers.#.input_layernorm"), ("ffn_norm", "model.layers.#.post_attention_layernorm")];

    private static readonly (string Ours, string Theirs)[] s_gated =
        [("ffn_gate", "model.layers.#.mlp.gate_proj"), ("ffn_up", "model.layers.#.mlp.up_proj"), ("ffn_down", "model.layers.#.mlp.down_proj")];

    private static readonly (string Ours, string Theirs)[] s_llama = [.. s_ends, .. s_attention, .. s_norms, .. s_gated];

    private static readonly (string Ours, string Theirs)[] s_around =
    [
        .. s_ends, .. s_attention, .. s_gated, ("attn_norm", "model.layers.#.input_layernorm"), ("post_attention_norm", "model.layers.#.post_attention_layernorm"),
        ("ffn_norm", "model.layers.#.pre_feedforward_layernorm"), ("post_ffw_norm", "model.layers.#.post_feedforward_layernorm"),
    ];

    private static readonly (string Ours, string Theirs)[] s_qwenExperts =
    [
        .. s_llama, ("ffn_gate_inp", "model.layers.#.mlp.gate"), ("ffn_gate_exps", "model.layers.#.mlp.experts.@.gate_proj"),
        ("ffn_up_exps", "model.layers.#.mlp.experts.@.up_proj"), ("ffn_down_exps", "model.layers.#.mlp.experts.@.down_proj"),
        ("ffn_gate_shexp", "model.layers.#.mlp.shared_expert.gate_proj"), ("ffn_up_shexp", "model.layers.#.mlp.shared_expert.up_proj"),
        ("ffn_down_shexp", "model.layers.#.mlp.shared_expert.down_proj"), ("ffn_gate_inp_shexp", "model.layers.#.mlp.shared_expert_gate"),
    ];

    private static readonly Dictionary<string, Func<PublishedFolder>> s_families = new()
    {
        ["llama"] = () => new("LlamaForCausalLM", TinyModelTests.Dense("llama").Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary)) { Names = s_llama, Paired = true, Fields = [] },
        ["granite"] = () => new("GraniteForCausalLM", TinyModelTests.Dense("granite").Key("attention.scale", 0.2).Key("embedding_scale", 6.0).Key("residual_scale", 0.3).Key("logit_scale", 2.0))
        {
            Names = s_llama,
            Paired = true,
            Fields = new() { ["attention_multiplier"] = 0.2, ["embedding_multiplier"] = 6.0, ["residual_multiplier"] = 0.3, ["logits_scaling"] = 2.0 },
        },
        ["mixtral"] = () => new("MixtralForCausalLM", Experts("llama"))
        {
            Paired = true,
            Fields = new() { ["num_local_experts"] = TinyModel.Experts, ["num_experts_per_tok"] = 3 },
            Names =
            [
                .. s_llama, ("ffn_gate_inp", "model.layers.#.block_sparse_moe.gate"), ("ffn_gate_exps", "model.layers.#.block_sparse_moe.experts.@.w1"),
                ("ffn_up_exps", "model.layers.#.block_sparse_moe.experts.@.w3"), ("ffn_down_exps", "model.layers.#.block_sparse_moe.experts.@.w2"),
            ],
        },
        ["qwen2"] = () => new("Qwen2ForCausalLM", Biased(TinyModelTests.Dense("qwen2"))) { Names = s_llama, Fields = [] },
        ["qwen3"] = () => new("Qwen3ForCausalLM", TinyModelTests.Dense("qwen3").HeadNorms()) { Names = s_llama, Fields = new() { ["head_dim"] = 16 } },
        ["qwen2moe"] = () => new("Qwen2MoeForCausalLM", Biased(Experts("qwen2moe").From(1, "ffn_gate_shexp.weight", TinyModel.Width, 32).From(1, "ffn_up_shexp.weight", TinyModel.Width, 32)
            .From(1, "ffn_down_shexp.weight", 32, TinyModel.Width).From(1, "ffn_gate_inp_shexp.weight", TinyModel.Width, 1)))
        {
            Names = s_qwenExperts,
            Fields = new() { ["num_experts"] = TinyModel.Experts, ["num_experts_per_tok"] = 3, ["norm_topk_prob"] = false },
        },
        ["qwen3moe"] = () => new("Qwen3MoeForCausalLM", Experts("qwen3moe").HeadNorms())
        {
            Names = s_qwenExperts,
            Fields = new() { ["num_experts"] = TinyModel.Experts, ["num_experts_per_tok"] = 3, ["norm_topk_prob"] = true },
        },
        ["gemma"] = () => new("GemmaForCausalLM", TinyModelTests.Dense("gemma")) { Names = s_llama, LessOne = true, Fields = new() { ["head_dim"] = 16 } },
        ["gemma2"] = () => new("Gemma2ForCausalLM", Around("gemma2", layers: 3).Key("attention.sliding_window", 9L).Key("attn_logit_softcapping", 40.0).Key("final_logit_softcapping", 20.0))
        {
            Names = s_around,
            LessOne = true,
            Fields = new() { ["head_dim"] = 16, ["sliding_window"] = 9, ["attn_logit_softcapping"] = 40.0, ["final_logit_softcapping"] = 20.0, ["query_pre_attn_scalar"] = 16 },
        },
        ["gemma3"] = () => new("Gemma3ForCausalLM", Around("gemma3", layers: 7).HeadNorms().Key("attention.sliding_window", 9L).Key("rope.freq_base", 1e6))
        {
            Names = s_around,
            LessOne = true,
            Fields = new() { ["head_dim"] = 16, ["sliding_window"] = 9, ["sliding_window_pattern"] = 6, ["rope_theta"] = 1e6, ["rope_local_base_freq"] = 10000.0, ["query_pre_attn_scalar"] = 16 },
        },
        ["phi3"] = () => new("Phi3ForCausalLM", new TinyModel("phi3").Norms("attn_norm", "ffn_norm").Each("attn_qkv.weight", TinyModel.Width, 128).Each("attn_output.weight", 64, TinyModel.Width)
            .Each("ffn_up.weight", TinyModel.Width, 2 * TinyModel.Wide).Each("ffn_down.weight", TinyModel.Wide, TinyModel.Width))
        {
            Fields = [],
            Names = [.. s_ends, .. s_norms, ("attn_qkv", "model.layers.#.self_attn.qkv_proj"), ("attn_output", "model.layers.#.self_attn.o_proj"),
                ("ffn_up", "model.layers.#.mlp.gate_up_proj"), ("ffn_down", "model.layers.#.mlp.down_proj")],
        },
        ["olmo2"] = () => new("Olmo2ForCausalLM", TinyModelTests.Attended("olmo2").Gated().Norms("post_attention_norm", "post_ffw_norm")
            .Each("attn_q_norm.weight", TinyModel.Width).Each("attn_k_norm.weight", TinyModel.KeyHeads * TinyModel.Size))
        {
            Names = s_around,
            Fields = [],
        },
        ["stablelm"] = () => new("StableLmForCausalLM", Centred("stablelm").Gated().Key("rope.dimension_count", 4L))
        {
            Names = s_llama,
            Fields = new() { ["layer_norm_eps"] = 1e-5, ["rms_norm_eps"] = null, ["partial_rotary_factor"] = 0.25, ["use_parallel_residual"] = false },
        },
        ["starcoder2"] = () => new("Starcoder2ForCausalLM", Biased(Centred("starcoder2").Plain()))
        {
            Fields = new() { ["norm_epsilon"] = 1e-5, ["rms_norm_eps"] = null },
            Names = [.. s_ends, .. s_attention, .. s_norms, ("ffn_up", "model.layers.#.mlp.c_fc"), ("ffn_down", "model.layers.#.mlp.c_proj")],
        },
        ["gptneox"] = () => NeoX(parallel: true),
        ["gptneox after"] = () => NeoX(parallel: false),
    };

    private static readonly int[] s_tokens = [.. Enumerable.Range(0, 24).Select(i => (i * 37) % TinyModel.Vocabulary)];

    public static TheoryData<string> Names => [.. s_families.Keys];

    internal static PublishedFolder Make(string name) => s_families[name]();

    [Theory]
    [MemberData(nameof(Names))]
    public void Folder_and_GGUF_give_the_same_bits(string name)
    {
        PublishedFolder published = s_families[name]();
        published.Model.Round();
        using ModelFile ours = published.Model.File();
        using Scratch folder = published.Write(ours);
        using Runs one = new(ours), two = new(folder.Folder);
        Assert.Equal(ours.Architecture, two.File.Architecture);
        Assert.Equal(one.Logits(s_tokens, 24), two.Logits(s_tokens, 7));
    }

    [Fact]
    public void Missing_expert_is_named()
    {
        PublishedFolder published = s_families["qwen3moe"]();
        using ModelFile ours = published.Model.File();
        using Scratch folder = published.Write(ours);
        using (var all = Safetensors.Open(folder.Folder))
        {
            SafetensorsWriter.Write(folder["less"], [.. all.Tensors.Where(tensor => tensor.Name != "model.layers.1.mlp.experts.2.up_proj.weight")
                .Select(tensor => new SafetensorsWriter.Entry(tensor.Name, "F32", tensor.Shape, tensor.Bytes.Slice(0, (int)tensor.Bytes.Length).ToArray()))]);
        }

        File.Move(folder["less"], folder["model.safetensors"], overwrite: true);
        Assert.Contains("no expert 2 of 'blk.1.ffn_up_exps.weight'", Assert.Throws<InvalidDataException>(() => ModelFile.Open(folder.Folder)).Message);
    }

    [Fact]
    public void Shares_that_the_architecture_does_not_make_are_refused()
    {
        PublishedFolder published = s_families["qwen3moe"]();
        published.Fields["norm_topk_prob"] = false;
        using ModelFile ours = published.Model.File();
        using Scratch folder = published.Write(ours);
        Assert.Contains("norm_topk_prob is False; only True is known", Assert.Throws<NotSupportedException>(() => ModelFile.Open(folder.Folder)).Message);
    }

    private static PublishedFolder NeoX(bool parallel) => new("GPTNeoXForCausalLM", new TinyModel("gptneox", centred: true).Key("attention.head_count_kv", 4L)
        .Key("rope.dimension_count", 4L).Key("use_parallel_residual", parallel).Norms("attn_norm", "ffn_norm").Each("attn_norm.bias", TinyModel.Width).Each("ffn_norm.bias", TinyModel.Width)
        .Each("attn_qkv.weight", TinyModel.Width, 192).Each("attn_qkv.bias", 192).Each("attn_output.weight", 64, TinyModel.Width).Each("attn_output.bias", TinyModel.Width).Plain()
        .Tensor("output.weight", TinyModel.Width, TinyModel.Vocabulary).Tensor("output_norm.bias", TinyModel.Width))
    {
        Fields = new()
        {
            ["layer_norm_eps"] = 1e-5,
            ["rms_norm_eps"] = null,
            ["rotary_pct"] = 0.25,
            ["rotary_emb_base"] = 10000,
            ["rope_theta"] = null,
            ["num_key_value_heads"] = null,
            ["use_parallel_residual"] = parallel,
        },
        Names =
        [
            ("token_embd", "gpt_neox.embed_in"), ("output_norm", "gpt_neox.final_layer_norm"), ("output", "embed_out"), ("attn_norm", "gpt_neox.layers.#.input_layernorm"),
            ("ffn_norm", "gpt_neox.layers.#.post_attention_layernorm"), ("attn_qkv", "gpt_neox.layers.#.attention.query_key_value"),
            ("attn_output", "gpt_neox.layers.#.attention.dense"), ("ffn_up", "gpt_neox.layers.#.mlp.dense_h_to_4h"), ("ffn_down", "gpt_neox.layers.#.mlp.dense_4h_to_h"),
        ],
    };

    private static TinyModel Centred(string architecture) => TinyModelTests.Attended(architecture, centred: true).Norms("attn_norm", "ffn_norm")
        .Each("attn_norm.bias", TinyModel.Width).Each("ffn_norm.bias", TinyModel.Width).Tensor("output_norm.bias", TinyModel.Width);

    private static TinyModel Around(string architecture, int layers) =>
        TinyModelTests.Dense(architecture, layers).Norms("post_attention_norm", "post_ffw_norm");

    private static TinyModel Biased(TinyModel model) => model.Each("attn_q.bias", 64).Each("attn_k.bias", 32).Each("attn_v.bias", 32);

    /// <summary>Experts in all layers but the first.</summary>
    private static TinyModel Experts(string architecture) => TinyModelTests.Attended(architecture).Norms("attn_norm", "ffn_norm").Mixture()
        .Tensor("blk.0.ffn_gate.weight", TinyModel.Width, TinyModel.Wide).Tensor("blk.0.ffn_up.weight", TinyModel.Width, TinyModel.Wide)
        .Tensor("blk.0.ffn_down.weight", TinyModel.Wide, TinyModel.Width);
}
