using System.Text.Json.Nodes;
using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>Tiny random models as folders, of families whose fixture a folder cannot hold, or that have none.</summary>
internal static class PublishedTinyModels
{
    private const int Width = TinyModel.Width;

    public static Dictionary<string, Func<(PublishedModel, TinyModel)>> All { get; } = new()
    {
        ["bloom"] = () => (new("BloomForCausalLM", new() { ["n_embed"] = Width, ["n_head"] = 4, ["n_layer"] = 2, ["vocab_size"] = 128, ["layer_norm_epsilon"] = 1e-5, ["n_inner"] = 96 })
        {
            Back = new() { ["attn_qkv"] = Undo.Grouped(4, paired: false) },
        }, Biased("bloom").Key("attention.head_count_kv", 4L).Each("attn_qkv.weight", Width, 192).Each("attn_qkv.bias", 192).Each("attn_output.weight", 64, Width).Plain()
            .Tensor("token_embd_norm.weight", Width).Tensor("token_embd_norm.bias", Width)),
        ["gptj"] = () => (new("GPTJForCausalLM", new()
        {
            ["n_embd"] = Width,
            ["n_head"] = 4,
            ["n_layer"] = 2,
            ["n_positions"] = 256,
            ["vocab_size"] = 128,
            ["layer_norm_epsilon"] = 1e-5,
            ["n_inner"] = 96,
            ["rotary_dim"] = 8,
            ["num_key_value_heads"] = 2,
            ["tie_word_embeddings"] = false,
        }), TinyModelTests.Make("gptj").Tensor("output.weight", Width, 128).Tensor("output.bias", 128)),
        ["opt"] = () => (new("OPTForCausalLM", Fields(new() { ["rms_norm_eps"] = null, ["intermediate_size"] = null, ["ffn_dim"] = 96, ["tie_word_embeddings"] = true }))
        {
            Back = new() { ["position_embd"] = Undo.After(2) },
        }, TinyModelTests.Make("opt")),
        ["glm4"] = () => (new("Glm4ForCausalLM", Fields(new() { ["partial_rotary_factor"] = 0.5 })), TinyModelTests.Attended("glm4").Norms("attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm")
            .Each("ffn_up.weight", Width, 192).Each("ffn_down.weight", 96, Width).Key("rope.dimension_count", 8L)),
        ["chatglm"] = () => (new("GlmForCausalLM", Fields([])), TinyModelTests.Attended("chatglm").Norms("attn_norm", "ffn_norm").Each("ffn_up.weight", Width, 192).Each("ffn_down.weight", 96, Width)),
        ["cohere2"] = () => (new("Cohere2ForCausalLM", Fields(new()
        {
            ["rms_norm_eps"] = null,
            ["layer_norm_eps"] = 1e-5,
            ["num_hidden_layers"] = 5,
            ["sliding_window"] = 9,
            ["sliding_window_pattern"] = 4,
            ["logit_scale"] = 0.5,
            ["tie_word_embeddings"] = true,
        })), TinyModelTests.Make("cohere2")),
        ["ernie4_5"] = () => (new("Ernie4_5ForCausalLM", Fields([])), TinyModelTests.Dense("ernie4_5")),
        ["deepseek"] = () => (new("DeepseekForCausalLM", Fields(new() { ["n_routed_experts"] = 8, ["num_experts_per_tok"] = 3, ["first_k_dense_replace"] = 1 })) { Back = PublishedFixtures.Paired() }, TinyModelTests.Make("deepseek")),
        ["deepseek2"] = () => (new("DeepseekV3ForCausalLM", Fields(new()
        {
            ["n_routed_experts"] = 8,
            ["num_experts_per_tok"] = 3,
            ["n_group"] = 4,
            ["topk_group"] = 2,
            ["topk_method"] = "noaux_tc",
            ["scoring_func"] = "sigmoid",
            ["norm_topk_prob"] = true,
            ["routed_scaling_factor"] = 2.5,
            ["kv_lora_rank"] = 32,
            ["qk_nope_head_dim"] = 24,
            ["qk_rope_head_dim"] = 8,
            ["v_head_dim"] = 12,
        })), TinyModelTests.Latent("deepseek2", 24, 8, 12, 32).Gated().Mixture().Shared().Each("attn_kv_b.weight", 32, 4 * 36).From(1, "exp_probs_b.bias", 8).Key("expert_gating_func", 2L)
            .Key("expert_weights_norm", true).Key("expert_weights_scale", 2.5).Key("expert_group_count", 4L).Key("expert_group_used_count", 2L)),
        ["minicpm3"] = () => (new("MiniCPM3ForCausalLM", Fields(new()
        {
            ["q_lora_rank"] = 24,
            ["kv_lora_rank"] = 32,
            ["qk_nope_head_dim"] = 24,
            ["qk_rope_head_dim"] = 8,
            ["scale_emb"] = 12,
            ["scale_depth"] = 1.4,
            ["dim_model_base"] = 256,
        })), TinyModelTests.Make("minicpm3")),
        ["llama4"] = () => (new("Llama4ForConditionalGeneration", new() { ["text_config"] = Fields(new() { ["num_hidden_layers"] = 4, ["num_local_experts"] = 8, ["num_experts_per_tok"] = 3, ["intermediate_size_mlp"] = 96 }) })
        {
            Prefix = "language_model.model.",
            Back = new() { ["ffn_gate_exps"] = Undo.TurnedHalves, ["ffn_down_exps"] = Undo.Turned },
        }, TinyModelTests.Make("llama4")),
        ["apertus"] = () => (new("ApertusForCausalLM", Fields(new() { ["tie_word_embeddings"] = false }))
        {
            Extra = file => ((string, double[])[])[("alpha_n", [0.5, 0.8]), ("alpha_p", [0.7, 0.9]), ("beta", [0.5, 0.5]), ("eps", [-1e-6, -1e-6])] is var all
                ? [.. all.SelectMany(one => one.Item2.Select((value, layer) => ($"model.layers.{layer}.mlp.act_fn.{one.Item1}", (float)value)))] : [],
        }, TinyModelTests.Make("apertus").Tensor("output.weight", Width, 128)),
        ["bitnet"] = () => (new("BitNetForCausalLM", Fields(new() { ["hidden_act"] = "relu2", ["tie_word_embeddings"] = true })), TinyModelTests.Make("bitnet").Key("hidden_activation", "relu2")),
        ["gemma3 with sight"] = () => (new("Gemma3ForConditionalGeneration", new()
        {
            ["text_config"] = Fields(new()
            {
                ["head_dim"] = 16,
                ["num_hidden_layers"] = 7,
                ["sliding_window"] = 9,
                ["rope_local_base_freq"] = 10000.0,
                ["query_pre_attn_scalar"] = 16,
                ["tie_word_embeddings"] = true,
            })
        })
        {
            Prefix = "language_model.model.",
            Back = PublishedFixtures.LessOne("attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm", "attn_q_norm", "attn_k_norm", "output_norm"),
        }, TinyModelTests.Make("gemma3")),
        ["gemma3n"] = () => (Gemma3n(), TinyModelTests.Make("gemma3n")),
        ["qwen2vl"] = () => (new("Qwen2VLForConditionalGeneration", Fields(new() { ["rope_scaling"] = new JsonObject { ["type"] = "mrope", ["mrope_section"] = new JsonArray(2, 3, 3) } })),
            TinyModelTests.Dense("qwen2vl").Key("rope.dimension_sections", MetadataArray.Of([2L, 3, 3, 0]))),
        ["qwen3vl"] = () => (new("Qwen3VLForConditionalGeneration", new() { ["text_config"] = Fields(new() { ["rope_scaling"] = new JsonObject { ["rope_type"] = "default", ["mrope_section"] = new JsonArray(3, 3, 2) } }) })
        {
            Prefix = "model.language_model.",
        }, TinyModelTests.Dense("qwen3vl").HeadNorms().Key("rope.dimension_sections", MetadataArray.Of([3L, 3, 2, 0]))),
        ["granitehybrid with experts"] = () => (new("GraniteMoeHybridForCausalLM", Fields(new()
        {
            ["layer_types"] = new JsonArray("attention", "mamba"),
            ["mamba_d_conv"] = 3,
            ["mamba_d_state"] = 8,
            ["mamba_n_groups"] = 2,
            ["mamba_n_heads"] = 4,
            ["mamba_d_head"] = 32,
            ["num_local_experts"] = 8,
            ["num_experts_per_tok"] = 3,
            ["position_embedding_type"] = "nope",
            ["tie_word_embeddings"] = true,
        }))
        {
            Back = PublishedFixtures.With(
                PublishedFixtures.Paired(), ("ssm_conv1d", Undo.Taps), ("ssm_a", Undo.Logarithms), ("ssm_d", Undo.Vector), ("ssm_norm", Undo.Vector), ("ffn_gate_exps", Undo.Halves), ("ffn_gate_shexp", Undo.Halves)),
        }, HybridModelTests.Hybrid("granitehybrid").Mixture().Norms("attn_norm", "ffn_norm").Tensor("blk.0.ffn_gate_inp.weight", Width, 8).Tensor("blk.0.ffn_gate_exps.weight", Width, 96, 8)
            .Tensor("blk.0.ffn_up_exps.weight", Width, 96, 8).Tensor("blk.0.ffn_down_exps.weight", 96, Width, 8).Shared().Key("rope.scaling.finetuned", false)),
        ["nemotron_h with experts"] = () => (new("NemotronHForCausalLM", Fields(new()
        {
            ["rms_norm_eps"] = null,
            ["layer_norm_epsilon"] = 1e-5,
            ["conv_kernel"] = 3,
            ["ssm_state_size"] = 8,
            ["n_groups"] = 2,
            ["mamba_num_heads"] = 4,
            ["mamba_head_dim"] = 32,
            ["head_dim"] = 16,
            ["num_hidden_layers"] = 3,
            ["hybrid_override_pattern"] = "M*E",
            ["n_routed_experts"] = 8,
            ["n_shared_experts"] = 1,
            ["num_experts_per_tok"] = 3,
            ["moe_intermediate_size"] = 48,
            ["moe_shared_expert_intermediate_size"] = 48,
            ["norm_topk_prob"] = true,
            ["routed_scaling_factor"] = 2.5,
            ["n_group"] = 1,
            ["topk_group"] = 1,
            ["tie_word_embeddings"] = true,
        }))
        {
            Back = new() { ["ssm_conv1d"] = Undo.Taps, ["ssm_a"] = Undo.Logarithms, ["ssm_d"] = Undo.Vector, ["ssm_norm"] = Undo.Vector },
        }, HybridModelTests.Make("nemotron_h_moe")),
        ["qwen3next"] = () => (new("Qwen3NextForCausalLM", Fields(new()
        {
            ["num_hidden_layers"] = 3,
            ["head_dim"] = 16,
            ["num_experts"] = 8,
            ["num_experts_per_tok"] = 3,
            ["norm_topk_prob"] = true,
            ["linear_conv_kernel_dim"] = 4,
            ["linear_key_head_dim"] = 16,
            ["linear_num_key_heads"] = 2,
            ["linear_num_value_heads"] = 4,
            ["linear_value_head_dim"] = 16,
            ["partial_rotary_factor"] = 0.5,
        }))
        {
            Back = PublishedFixtures.With(PublishedFixtures.LessOne("attn_norm", "post_attention_norm", "attn_q_norm", "attn_k_norm", "output_norm"), ("ssm_conv1d", Undo.Taps), ("ssm_a", Undo.Logarithms)),
            Without = [".attn_qkv.", ".attn_gate."],
        }, HybridModelTests.Qwen3Next().Where(layer => layer < 2, "ssm_in.weight", Width, 192).Mixture().Shared().From(1, "ffn_gate_inp_shexp.weight", Width, 1)),
        ["rwkv6"] = () => (new("Rwkv6ForCausalLM", new()
        {
            ["hidden_size"] = Width,
            ["num_hidden_layers"] = 2,
            ["vocab_size"] = 128,
            ["layer_norm_epsilon"] = 1e-5,
            ["head_size"] = 16,
            ["rescale_every"] = 1,
            ["intermediate_size"] = 96,
        })
        {
            Back = Rwkv6(),
        }, HybridModelTests.Rwkv6().Key("rescale_every_n_layers", 1L).Tensor("output.weight", Width, 128)),
        ["rwkv7"] = () => (new("RWKV7ForCausalLM", new() { ["hidden_size"] = Width, ["num_hidden_layers"] = 2, ["vocab_size"] = 128, ["norm_eps"] = 1e-5, ["head_dim"] = 16, ["intermediate_size"] = 96 })
        {
            Back = new() { ["time_mix_lerp_fused"] = Undo.Deep, ["time_mix_r_k"] = parts => new([4, 16], parts[0].Values()) },
        }, HybridModelTests.Rwkv7()),
    };

    private static JsonObject Fields(JsonObject others)
    {
        JsonObject fields = PublishedFixtures.Plain(new() { ["max_position_embeddings"] = 256, ["tie_word_embeddings"] = true });
        foreach ((string field, JsonNode? value) in others)
            fields[field] = value?.DeepClone();
        return fields;
    }

    private static TinyModel Biased(string architecture) => new TinyModel(architecture, centred: true).Norms("attn_norm", "ffn_norm").Each("attn_norm.bias", Width).Each("ffn_norm.bias", Width)
        .Tensor("output_norm.bias", Width);

    private static PublishedModel Gemma3n() => new("Gemma3nForConditionalGeneration", new()
    {
        ["text_config"] = Fields(new()
        {
            ["num_hidden_layers"] = 22,
            ["head_dim"] = 16,
            ["sliding_window"] = 9,
            ["rope_local_base_freq"] = 10000.0,
            ["altup_num_inputs"] = 4,
            ["altup_active_idx"] = 0,
            ["hidden_size_per_layer_input"] = 256,
            ["num_kv_shared_layers"] = 2,
            ["vocab_size_per_layer_input"] = 128,
            ["final_logit_softcapping"] = 30.0,
            ["intermediate_size"] = new JsonArray([.. Enumerable.Repeat(96, 22).Select(size => JsonValue.Create(size))]),
            ["activation_sparsity_pattern"] = new JsonArray([.. Enumerable.Range(0, 22).Select(layer => JsonValue.Create(layer < 10 ? 0.95 : 0.0))]),
        }),
    })
    {
        Prefix = "model.language_model.",
    };

    private static Dictionary<string, Func<StoredTensor[], Published>> Rwkv6() => new()
    {
        ["time_mix_w1"] = Undo.Turned,
        ["time_mix_w2"] = Undo.Turned,
        ["time_mix_decay_w1"] = Undo.Turned,
        ["time_mix_decay_w2"] = Undo.Turned,
        ["time_mix_lerp_x"] = Undo.Deep,
        ["time_mix_lerp_fused"] = Undo.Deep,
        ["time_mix_decay"] = Undo.Deep,
        ["channel_mix_lerp_k"] = Undo.Deep,
        ["channel_mix_lerp_r"] = Undo.Deep,
        ["time_mix_output"] = Doubled,
        ["channel_mix_value"] = Doubled,
    };

    private static Published Doubled(StoredTensor[] parts) => Undo.Divided(parts[0].Name.StartsWith("blk.1.", StringComparison.Ordinal) ? 0.5f : 1)(parts);
}
