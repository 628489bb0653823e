using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>OLMoE, Phi 3.5 MoE, DeepSeek 1 to 3, GLM 4.5, ERNIE 4.5 and LFM 2 with experts, each an expert's matrix a tensor.</summary>
/// <remarks>Source: Hugging Face transformers, the <c>modeling</c> files of these names; llama.cpp, <c>conversion</c>.</remarks>
internal static class MixedFamilies
{
    private static readonly (string, string, string) s_named = ("gate_proj", "up_proj", "down_proj");

    private static readonly (string, string)[] s_deepSeek =
    [
        ("n_routed_experts", "expert_count"), ("num_experts_per_tok", "expert_used_count"), ("n_shared_experts", "expert_shared_count"),
        ("first_k_dense_replace", "leading_dense_block_count"), ("moe_intermediate_size", "expert_feed_forward_length"), ("routed_scaling_factor", "expert_weights_scale"),
    ];

    /// <summary>Experts that every token meets, as DeepSeek named them.</summary>
    private static TensorName[] Shared { get; } =
    [
        new("mlp.shared_experts.gate_proj", "ffn_gate_shexp", Optional: true), new("mlp.shared_experts.up_proj", "ffn_up_shexp", Optional: true),
        new("mlp.shared_experts.down_proj", "ffn_down_shexp", Optional: true),
    ];

    [ModuleInitializer]
    internal static void Register()
    {
        (string, string)[] few = [("num_experts_per_tok", "expert_used_count"), ("num_experts", "expert_count"), ("num_local_experts", "expert_count"), ("moe_intermediate_size", "expert_feed_forward_length")];
        Family.Add(
            new("olmoe", "model.", GatedDecoder.Mixed("mlp.experts", s_named, "mlp.gate", [.. GatedDecoder.Projections, .. GatedDecoder.Norms(), .. GatedDecoder.HeadNorms()]))
            {
                Numbers = [few[0], few[1], ("clip_qkv", "attention.clamp_kqv")],
                Fixed = [("norm_topk_prob", false)],
            },
            "OlmoeForCausalLM");
        Family.Add(
            new("phimoe", "model.", GatedDecoder.Mixed("block_sparse_moe.experts", ("w1", "w3", "w2"), "block_sparse_moe.gate", [.. GatedDecoder.Projections, .. GatedDecoder.Norms()]))
            {
                Numbers = [few[0], few[2], ("sliding_window", "attention.sliding_window")],
                PlainNorms = true,
            },
            "PhimoeForCausalLM", "PhiMoEForCausalLM");
        Family.Add(
            new("deepseek", "model.", GatedDecoder.Mixed("mlp.experts", s_named, "mlp.gate", [.. GatedDecoder.Paired, .. GatedDecoder.Norms(), .. Shared]))
            {
                Numbers = s_deepSeek,
                Fixed = [("norm_topk_prob", false)],
            },
            "DeepseekForCausalLM");
        TensorName[] preferring = [.. GatedDecoder.Norms(), .. Shared, GatedDecoder.Preference("mlp.gate.e_score_correction_bias")];
        Family.Add(
            new("deepseek2", "model.", GatedDecoder.Mixed("mlp.experts", s_named, "mlp.gate", [.. Latent, .. preferring])) { EndsEarly = true, Numbers = s_deepSeek, Says = AddLatent },
            "DeepseekV2ForCausalLM", "DeepseekV3ForCausalLM");
        Family.Add(
            new("minicpm3", "model.", GatedDecoder.Gated([.. Latent, .. GatedDecoder.Norms()]))
            {
                Says = (keys, folder) =>
                {
                    AddSizes(keys, folder.Config);
                    GatedFamilies.AddFactors(keys, folder);
                },
            },
            "MiniCPM3ForCausalLM");
        Family.Add(
            new("glm4moe", "model.", GatedDecoder.Mixed("mlp.experts", s_named, "mlp.gate",
                [.. GatedDecoder.Projections, .. GatedDecoder.HeadNorms().Select(name => name with { Optional = true }), new("input_layernorm", "attn_norm"),
                    new("post_attention_layernorm", "post_attention_norm"), .. Shared, GatedDecoder.Preference("mlp.gate.e_score_correction_bias")]))
            {
                EndsEarly = true,
                Numbers = s_deepSeek,
                Flags = [("norm_topk_prob", "expert_weights_norm")],
                Says = (keys, _) => keys.Add("expert_gating_func", 2),
            },
            "Glm4MoeForCausalLM");
        Family.Add(
            new("ernie4_5-moe", "model.", GatedDecoder.Mixed("mlp.experts", s_named, "mlp.gate",
                [.. GatedDecoder.Projections, .. GatedDecoder.Norms(), .. Shared, GatedDecoder.Preference("mlp.moe_statics.e_score_correction_bias") with { Make = Makings.Flat }]))
            {
                OtherPrefixes = ["ernie."],
                Beside = ["model.mtp_"],
                Numbers =
                [
                    ("moe_num_experts", "expert_count"), ("moe_k", "expert_used_count"), ("moe_layer_interval", "interleave_moe_layer_step"),
                    ("moe_layer_start_index", "leading_dense_block_count"), ("moe_intermediate_size", "expert_feed_forward_length"), ("moe_num_shared_experts", "expert_shared_count"),
                ],
                DefaultTheta = 500_000,
            },
            "Ernie4_5_MoeForCausalLM");
    }

    /// <summary>Latent attention; queries are drawn from a short vector of their own or not.</summary>
    private static TensorName[] Latent { get; } =
    [
        new("self_attn.q_proj", "attn_q", Optional: true), new("self_attn.q_a_proj", "attn_q_a", Optional: true), new("self_attn.q_a_layernorm", "attn_q_a_norm", Optional: true),
        new("self_attn.q_b_proj", "attn_q_b", Optional: true), new("self_attn.kv_a_proj_with_mqa", "attn_kv_a_mqa"), new("self_attn.kv_a_layernorm", "attn_kv_a_norm"),
        new("self_attn.kv_b_proj", "attn_kv_b"), new("self_attn.o_proj", "attn_output"),
    ];

    private static void AddSizes(ArchitectureKeys keys, JsonFile config)
    {
        if (config.FindInteger("q_lora_rank") is not null)
            keys.Add("attention.q_lora_rank", config.Size("q_lora_rank"));
        keys.Add("attention.kv_lora_rank", config.Size("kv_lora_rank"));
        keys.Set("attention.key_length", config.Size("qk_nope_head_dim") + config.Size("qk_rope_head_dim"));
        keys.Set("attention.value_length", config.FindInteger("v_head_dim") is null ? config.Size("hidden_size") / config.Size("num_attention_heads") : config.Size("v_head_dim"));
    }

    private static void AddLatent(ArchitectureKeys keys, FolderSizes folder)
    {
        JsonFile config = folder.Config;
        AddSizes(keys, config);
        string method = config.FindText("topk_method") ?? "greedy";
        long groups = config.FindInteger("n_group") ?? 1;
        if (groups > 1 && method != "noaux_tc")
            throw new NotSupportedException($"'{config.Path}': topk_method '{method}' with {groups} groups is unknown; known: noaux_tc, or one group.");
        if (groups > 1)
            keys.Add("expert_group_count", groups).Add("expert_group_used_count", config.Size("topk_group"));
        keys.Add("expert_gating_func", config.FindText("scoring_func") == "sigmoid" || method == "noaux_tc" ? 2 : 1);
        // DeepSeek 2 was published with a flag that its own code never reads.
        keys.Add("expert_weights_norm", method == "noaux_tc" && config.FindFlag("norm_topk_prob") == true);
        if (config.FindObject("rope_scaling")?.FindNumber("mscale_all_dim") is { } all)
            keys.Add("rope.scaling.yarn_log_multiplier", 0.1 * all);
    }
}
