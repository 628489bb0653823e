using System.Text.Json.Nodes;
using Thimble.Models.Files;
using Backs = System.Collections.Generic.Dictionary<string, System.Func<Thimble.Models.Files.StoredTensor[], Thimble.Tests.Models.Files.Import.Published>>;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>llama.cpp's fixtures as folders: what config.json says, and how tensors are stored otherwise.</summary>
internal static class PublishedFixtures
{
    private const int Width = 64, Heads = 4, KeyHeads = 2;

    private static readonly JsonArray s_both = ["attention", "mamba"];

    public static Dictionary<string, PublishedModel> All { get; } = new()
    {
        ["falcon-dense"] = new("FalconForCausalLM", Centred(new() { ["new_decoder_architecture"] = true, ["num_kv_heads"] = KeyHeads, ["num_key_value_heads"] = null, ["layer_norm_epsilon"] = 1e-5 }))
        {
            Back = new() { ["attn_qkv"] = Undo.Grouped(KeyHeads, paired: false) },
            Prefer = new() { ["attn_norm"] = "ln_mlp" },
        },
        ["mpt-dense"] = new("MPTForCausalLM", new()
        {
            ["d_model"] = Width,
            ["n_heads"] = Heads,
            ["n_layers"] = 2,
            ["max_seq_len"] = 128,
            ["vocab_size"] = 128,
            ["tie_word_embeddings"] = false,
            ["attn_config"] = new JsonObject { ["alibi"] = true, ["alibi_bias_max"] = 8, ["clip_qkv"] = 1.0, ["kv_n_heads"] = KeyHeads },
        }),
        ["olmo-dense"] = new("OlmoForCausalLM", Plain(new() { ["clip_qkv"] = 1.0, ["rms_norm_eps"] = null })) { Back = Paired() },
        ["phi2-dense"] = new("PhiForCausalLM", Centred([])),
        ["phimoe-moe"] = new("PhimoeForCausalLM", Plain(new() { ["num_local_experts"] = 4, ["num_experts_per_tok"] = 2 })),
        ["qwen-dense"] = new("QWenLMHeadModel", Plain(new() { ["layer_norm_epsilon"] = 1e-5, ["rms_norm_eps"] = null, ["rotary_emb_base"] = 10000, ["rope_theta"] = null })),
        ["internlm2-dense"] = new("InternLM2ForCausalLM", Plain([]))
        {
            Back = new() { ["attn_q"] = Undo.Grouped(KeyHeads, paired: true) },
        },
        ["smollm3-dense"] = new("SmolLM3ForCausalLM", Plain(new() { ["no_rope_layers"] = new JsonArray(1, 1) })) { Back = Paired() },
        ["exaone4-dense"] = new("Exaone4ForCausalLM", Plain(new() { ["sliding_window"] = 16 })),
        ["hunyuan-dense-dense"] = new("HunYuanDenseV1ForCausalLM", Plain(new() { ["head_dim"] = 16 })),
        ["command-r-dense"] = new("CohereForCausalLM", Centred(new() { ["logit_scale"] = 1.0, ["tie_word_embeddings"] = true })),
        ["minicpm-dense"] = new("MiniCPMForCausalLM", Plain(new() { ["scale_emb"] = 12, ["scale_depth"] = 1.4, ["dim_model_base"] = 64 })) { Back = Paired() },
        ["nemotron-dense"] = new("NemotronForCausalLM", Centred(new() { ["norm_eps"] = 1e-5 })) { Back = LessOne("attn_norm", "ffn_norm", "output_norm") },
        ["mistral3-dense"] = new("Mistral3ForConditionalGeneration", new() { ["text_config"] = Plain([]) }) { Back = Paired(), Prefix = "language_model.model." },
        ["olmoe-moe"] = new("OlmoeForCausalLM", Plain(new() { ["num_attention_heads"] = 2, ["num_key_value_heads"] = 2, ["num_experts"] = 4, ["num_experts_per_tok"] = 2, ["norm_topk_prob"] = false })),
        ["granitemoe-moe"] = new("GraniteMoeForCausalLM", Plain(new() { ["num_local_experts"] = 4, ["num_experts_per_tok"] = 2 }))
        {
            Back = With(Paired(), ("ffn_gate_exps", Undo.Halves)),
        },
        ["gpt-oss-moe"] = new("GptOssForCausalLM", Plain(new()
        {
            ["num_local_experts"] = 4,
            ["num_experts_per_tok"] = 2,
            ["sliding_window"] = 16,
            ["head_dim"] = 16,
            ["layer_types"] = new JsonArray("sliding_attention", "full_attention"),
        }))
        {
            Back = new() { ["ffn_gate_exps"] = parts => parts[0].Name.EndsWith("bias", StringComparison.Ordinal) ? Undo.Alternating(parts) : Undo.TurnedAlternating(parts), ["ffn_down_exps"] = TurnedWeight },
        },
        ["glm4moe-moe"] = new("Glm4MoeForCausalLM", Plain(new()
        {
            ["n_routed_experts"] = 4,
            ["num_experts_per_tok"] = 2,
            ["n_shared_experts"] = 1,
            ["first_k_dense_replace"] = 1,
            ["moe_intermediate_size"] = 96,
            ["head_dim"] = 16,
        })),
        ["ernie4_5-moe-moe"] = new("Ernie4_5_MoeForCausalLM", Plain(new()
        {
            ["moe_num_experts"] = 4,
            ["moe_k"] = 2,
            ["moe_layer_interval"] = 1,
            ["moe_layer_start_index"] = 1,
            ["moe_intermediate_size"] = 96,
        }))
        {
            Back = new() { ["exp_probs_b"] = parts => new([1, parts[0].Columns], parts[0].Values()) },
        },
        ["lfm2-dense"] = new("Lfm2ForCausalLM", Plain(new() { ["norm_eps"] = 1e-5, ["rms_norm_eps"] = null, ["conv_L_cache"] = 3, ["layer_types"] = new JsonArray("full_attention", "conv") }))
        {
            Unsaid = ["attention.sliding_window"],
            Back = new() { ["shortconv.conv"] = Undo.Taps },
        },
        ["lfm2moe-moe"] = new("Lfm2MoeForCausalLM", Plain(new()
        {
            ["norm_eps"] = 1e-5,
            ["rms_norm_eps"] = null,
            ["conv_L_cache"] = 3,
            ["layer_types"] = new JsonArray("full_attention", "conv"),
            ["num_experts"] = 4,
            ["num_experts_per_tok"] = 2,
            ["moe_intermediate_size"] = 96,
            ["num_dense_layers"] = 1,
        }))
        {
            Back = new() { ["shortconv.conv"] = Undo.Taps },
        },
        ["mamba-dense"] = new("MambaForCausalLM", new()
        {
            ["hidden_size"] = Width,
            ["num_hidden_layers"] = 2,
            ["vocab_size"] = 128,
            ["layer_norm_epsilon"] = 1e-5,
            ["conv_kernel"] = 4,
            ["state_size"] = 128,
            ["intermediate_size"] = 128,
            ["time_step_rank"] = 4,
            ["tie_word_embeddings"] = false,
        })
        {
            Back = new() { ["ssm_conv1d"] = Undo.Taps, ["ssm_a"] = Undo.Logarithms },
        },
        ["mamba2-dense"] = new("Mamba2ForCausalLM", new()
        {
            ["hidden_size"] = Width,
            ["num_hidden_layers"] = 2,
            ["vocab_size"] = 128,
            ["layer_norm_epsilon"] = 1e-5,
            ["conv_kernel"] = 4,
            ["state_size"] = 128,
            ["num_heads"] = 4,
            ["head_dim"] = 32,
            ["n_groups"] = 2,
            ["tie_word_embeddings"] = false,
        })
        {
            Back = Spaces(),
        },
        ["jamba-dense"] = new("JambaForCausalLM", Plain(new()
        {
            ["attn_layer_offset"] = 0,
            ["attn_layer_period"] = 2,
            ["mamba_d_conv"] = 4,
            ["mamba_d_state"] = 128,
            ["mamba_expand"] = 2,
            ["mamba_dt_rank"] = 4,
        }))
        {
            Back = new() { ["ssm_conv1d"] = Undo.Taps, ["ssm_a"] = Undo.Logarithms },
        },
        ["falcon-h1-dense"] = FalconH1(),
        ["nemotron_h-dense"] = new("NemotronHForCausalLM", Plain(new()
        {
            ["rms_norm_eps"] = null,
            ["layer_norm_epsilon"] = 1e-5,
            ["conv_kernel"] = 4,
            ["ssm_state_size"] = 128,
            ["n_groups"] = 2,
            ["mamba_num_heads"] = 4,
            ["mamba_head_dim"] = 32,
            ["head_dim"] = 16,
            ["num_hidden_layers"] = 3,
            ["hybrid_override_pattern"] = "*M-",
        }))
        {
            Back = Spaces(),
        },
        ["granitehybrid-dense"] = new("GraniteMoeHybridForCausalLM", Plain(new()
        {
            ["layer_types"] = s_both,
            ["mamba_d_conv"] = 4,
            ["mamba_d_state"] = 128,
            ["mamba_n_groups"] = 2,
            ["mamba_n_heads"] = 4,
            ["mamba_d_head"] = 32,
            ["position_embedding_type"] = "rope",
        }))
        {
            Back = With(With(Spaces(), [.. Paired().Select(pair => (pair.Key, pair.Value))]), ("ffn_gate", Undo.Halves)),
        },
    };

    /// <summary>What most say.</summary>
    internal static JsonObject Plain(JsonObject others)
    {
        JsonObject fields = new()
        {
            ["hidden_size"] = Width,
            ["intermediate_size"] = 96,
            ["num_hidden_layers"] = 2,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KeyHeads,
            ["max_position_embeddings"] = 128,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 10000.0,
            ["vocab_size"] = 128,
            ["tie_word_embeddings"] = false,
        };
        foreach ((string field, JsonNode? value) in others)
            fields[field] = value?.DeepClone();
        return fields;
    }

    internal static JsonObject Centred(JsonObject others)
    {
        JsonObject fields = Plain(others);
        fields["rms_norm_eps"] = null;
        fields["layer_norm_eps"] = fields.ContainsKey("norm_eps") || fields.ContainsKey("layer_norm_epsilon") ? null : 1e-5;
        return fields;
    }

    internal static Backs Paired(int keyHeads = KeyHeads) => new() { ["attn_q"] = Undo.Paired(Heads), ["attn_k"] = Undo.Paired(keyHeads) };

    internal static Backs LessOne(params string[] roles) => roles.ToDictionary(role => role, _ => (Func<StoredTensor[], Published>)Undo.LessOne);

    internal static Backs With(Backs backs, params (string Role, Func<StoredTensor[], Published> Way)[] others)
    {
        foreach ((string role, Func<StoredTensor[], Published> way) in others)
            backs[role] = way;
        return backs;
    }

    private static Backs Spaces() => new() { ["ssm_conv1d"] = Undo.Taps, ["ssm_a"] = Undo.Logarithms, ["ssm_d"] = Undo.Vector, ["ssm_norm"] = Undo.Vector };

    private static Published TurnedWeight(StoredTensor[] parts) => parts[0].Name.EndsWith("bias", StringComparison.Ordinal) ? Undo.Nothing(parts) : Undo.Turned(parts);

    private static PublishedModel FalconH1() => new("FalconH1ForCausalLM", Plain(new()
    {
        ["mamba_d_conv"] = 4,
        ["mamba_d_state"] = 128,
        ["mamba_n_groups"] = 2,
        ["mamba_n_heads"] = 4,
        ["mamba_d_ssm"] = 128,
        ["head_dim"] = 16,
        ["embedding_multiplier"] = 4.0,
        ["lm_head_multiplier"] = 0.5,
        ["attention_in_multiplier"] = 2.0,
        ["key_multiplier"] = 0.25,
        ["attention_out_multiplier"] = 0.5,
        ["ssm_in_multiplier"] = 2.0,
        ["ssm_out_multiplier"] = 0.5,
        ["mlp_multipliers"] = new JsonArray(0.5, 2.0),
        ["ssm_multipliers"] = new JsonArray(0.5, 1.0, 2.0, 4.0, 0.25),
    }))
    {
        Back = With(
            Spaces(), ("token_embd", Undo.Divided(4)), ("output", Undo.Divided(0.5f)), ("attn_q", Scaled(2)), ("attn_k", Scaled(0.5f)), ("attn_v", Scaled(2)), ("attn_output", Scaled(0.5f)),
            ("ffn_gate", Scaled(0.5f)), ("ffn_down", Scaled(2)), ("ssm_out", Undo.Divided(0.5f)), ("ssm_in", SpaceFactors)),
        Without = [".attn_q.bias", ".attn_k.bias", ".attn_v.bias", ".attn_output.bias", ".ffn_gate.bias", ".ffn_up.bias", ".ffn_down.bias"],
    };

    private static Func<StoredTensor[], Published> Scaled(float factor) => Undo.Divided(factor);

    /// <summary>Gates, values, B, C and time steps each have a factor of their own, and all another.</summary>
    private static Published SpaceFactors(StoredTensor[] parts)
    {
        float[] factors = [.. Enumerable.Repeat(0.5f, 128), .. Enumerable.Repeat(1f, 128), .. Enumerable.Repeat(2f, 256), .. Enumerable.Repeat(4f, 256), .. Enumerable.Repeat(0.25f, 4)];
        return new([.. parts[0].Shape.Reverse()], [.. parts[0].Values().Select((value, i) => value / 2 / factors[i / Width])]);
    }
}
