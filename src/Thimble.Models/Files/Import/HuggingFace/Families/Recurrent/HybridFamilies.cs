using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Jamba, Falcon-H1, Nemotron-H, Granite 4, LFM 2 and Qwen3-Next: attention in some layers, a state in others.</summary>
/// <remarks>Source: Hugging Face transformers, the <c>modeling</c> files of these names; llama.cpp, <c>conversion</c>.</remarks>
internal static class HybridFamilies
{
    private static readonly (string, string)[] s_spaces =
        [("mamba_d_conv", "ssm.conv_kernel"), ("mamba_d_state", "ssm.state_size"), ("mamba_n_groups", "ssm.group_count"), ("mamba_n_heads", "ssm.time_step_rank")];

    private static readonly (string, string)[] s_experts =
        [("num_experts", "expert_count"), ("num_experts_per_tok", "expert_used_count"), ("moe_intermediate_size", "expert_feed_forward_length")];

    private static readonly TensorName[] s_nemotronExperts =
    [
        new("mixer.gate", "ffn_gate_inp", Optional: true), GatedDecoder.Preference("mixer.gate.e_score_correction_bias"),
        new("mixer.experts.@.up_proj", "ffn_up_exps", Optional: true), new("mixer.experts.@.down_proj", "ffn_down_exps", Optional: true),
        new("mixer.shared_experts.up_proj", "ffn_up_shexp", Optional: true), new("mixer.shared_experts.down_proj", "ffn_down_shexp", Optional: true),
    ];

    private static readonly (string, string)[] s_nemotronCounts =
    [
        ("n_routed_experts", "expert_count"), ("num_experts_per_tok", "expert_used_count"), ("n_shared_experts", "expert_shared_count"), ("moe_intermediate_size", "expert_feed_forward_length"),
        ("moe_shared_expert_intermediate_size", "expert_shared_feed_forward_length"), ("routed_scaling_factor", "expert_weights_scale"), ("n_group", "expert_group_count"),
        ("topk_group", "expert_group_used_count"),
    ];

    [ModuleInitializer]
    internal static void Register()
    {
        Family.Add(Jamba(), "JambaForCausalLM");
        Family.Add(FalconH1(), "FalconH1ForCausalLM");
        Family.Add(NemotronH(experts: false), "NemotronHForCausalLM");
        Family.Add(Granite(experts: true), "GraniteMoeHybridForCausalLM");
        Family.Add(Lfm2("lfm2"), "Lfm2ForCausalLM");
        Family.Add(Lfm2("lfm2moe") with { Numbers = [("conv_L_cache", "shortconv.l_cache"), .. s_experts, ("num_dense_layers", "leading_dense_block_count"), ("routed_scaling_factor", "expert_weights_scale")] }, "Lfm2MoeForCausalLM");
        Family.Add(Qwen3Next(), "Qwen3NextForCausalLM");
    }

    private static IEnumerable<TensorName> Some(IEnumerable<TensorName> names) => names.Select(name => name with { Optional = true });

    private static Family Jamba() => new("jamba", "model.",
    [
        new("embed_tokens", "token_embd"), new("final_layernorm", "output_norm"), new("lm_head", "output", Optional: true),
        .. new TensorName[]
        {
            new("input_layernorm", "attn_norm"), new("pre_ff_layernorm", "ffn_norm"), new("mamba.dt_layernorm", "ssm_dt_norm", Optional: true),
            new("mamba.b_layernorm", "ssm_b_norm", Optional: true), new("mamba.c_layernorm", "ssm_c_norm", Optional: true),
            new("feed_forward.gate_proj", "ffn_gate", Optional: true), new("feed_forward.up_proj", "ffn_up", Optional: true), new("feed_forward.down_proj", "ffn_down", Optional: true),
            new("feed_forward.router", "ffn_gate_inp", Optional: true), new("feed_forward.experts.@.gate_proj", "ffn_gate_exps", Optional: true),
            new("feed_forward.experts.@.up_proj", "ffn_up_exps", Optional: true), new("feed_forward.experts.@.down_proj", "ffn_down_exps", Optional: true),
        }.Concat(Some(GatedDecoder.Projections)).Concat(StateSpaceFamilies.Selective("mamba.", optional: true)).Select(name => name.In("layers.#.")),
    ])
    {
        Rotates = false,
        Numbers = [s_spaces[0], s_spaces[1], s_experts[0], s_experts[1]],
        AttendsIn = (config, layer) => layer >= (config.FindInteger("attn_layer_offset") ?? 4)
            && (layer - (config.FindInteger("attn_layer_offset") ?? 4)) % Math.Max(1, config.FindInteger("attn_layer_period") ?? 8) == 0,
        Says = (keys, folder) => keys.Add("ssm.inner_size", folder.Shape.Width * (folder.Config.FindInteger("mamba_expand") ?? 2)).Add("ssm.time_step_rank", StateSpaceFamilies.StepRank(folder, "mamba_dt_rank")),
    };

    private static Family FalconH1() => new("falcon-h1", "model.",
    [
        new("embed_tokens", "token_embd") { Make = Makings.Times((folder, _) => Factor(folder, "embedding_multiplier")) }, new("final_layernorm", "output_norm"),
        new("lm_head", "output", Optional: true) { Make = Makings.Times((folder, _) => Factor(folder, "lm_head_multiplier")) },
        .. FalconH1Factors.Names.Select(name => name.In("layers.#.")),
    ])
    {
        Numbers = [.. s_spaces, ("mamba_d_ssm", "ssm.inner_size")],
    };

    private static Family NemotronH(bool experts) => new(experts ? "nemotron_h_moe" : "nemotron_h", "backbone.",
    [
        new("embeddings", "token_embd"), new("norm_f", "output_norm"), new("lm_head", "output", Optional: true),
        .. new TensorName[]
        {
            new("norm", "attn_norm"), new("mixer.q_proj", "attn_q", Optional: true), new("mixer.k_proj", "attn_k", Optional: true), new("mixer.v_proj", "attn_v", Optional: true),
            new("mixer.o_proj", "attn_output", Optional: true), new("mixer.up_proj", "ffn_up", Optional: true), new("mixer.down_proj", "ffn_down", Optional: true),
        }.Concat(experts ? s_nemotronExperts : []).Concat(StateSpaceFamilies.Duality("mixer.", "n_groups", optional: true)).Select(name => name.In("layers.#.")),
    ])
    {
        Variant = config => config.FindInteger("n_routed_experts") is > 0 == experts ? NemotronH(experts) : NemotronH(!experts),
        Beside = ["mtp."],
        OtherPrefixes = ["model."],
        Rotates = false,
        PlainNorms = true,
        DefaultEpsilon = 1e-5,
        Numbers =
        [
            ("conv_kernel", "ssm.conv_kernel"), ("ssm_state_size", "ssm.state_size"), ("n_groups", "ssm.group_count"), ("mamba_num_heads", "ssm.time_step_rank"),
            .. experts ? s_nemotronCounts : [],
        ],
        Flags = experts ? [("norm_topk_prob", "expert_weights_norm")] : [],
        AttendsIn = (config, layer) => Pattern(config, layer) == '*',
        Says = (keys, folder) =>
        {
            keys.Add("ssm.inner_size", (long)folder.Config.Size("mamba_num_heads") * folder.Config.Size("mamba_head_dim"));
            long wide = folder.Config.Size("intermediate_size");
            long mixed = folder.Config.FindInteger("moe_intermediate_size") ?? 0;
            keys.Set("feed_forward_length", [.. Enumerable.Range(0, folder.Shape.Layers).Select(layer => Pattern(folder.Config, layer) switch { '-' => wide, 'E' => mixed, _ => 0 })]);
        },
    };

    private static Family Granite(bool experts) => new("granitehybrid", "model.", GatedDecoder.Whole(
    [
        .. Some(GatedDecoder.Paired), .. GatedDecoder.Norms(), .. StateSpaceFamilies.Duality("mamba.", "mamba_n_groups", optional: true),
        .. experts ? StackedFamilies.Granite :
        [
            new("shared_mlp.input_linear", "ffn_gate|blk.#.ffn_up") { Make = Makings.Half }, new("shared_mlp.output_linear", "ffn_down"),
        ],
    ]))
    {
        Variant = config => config.FindInteger("num_local_experts") is > 0 == experts ? Granite(experts) : Granite(!experts),
        Numbers = [.. StackedFamilies.GraniteFactors, .. s_spaces, ("num_local_experts", "expert_count"), ("num_experts_per_tok", "expert_used_count"), ("shared_intermediate_size", "expert_shared_feed_forward_length")],
        AttendsIn = (config, layer) => Type(config, layer) == "attention",
        Says = (keys, folder) => keys.Add("ssm.inner_size", (long)folder.Config.Size("mamba_n_heads") * folder.Config.Size("mamba_d_head"))
            .Add("rope.scaling.finetuned", folder.Config.FindText("position_embedding_type") == "rope"),
    };

    private static Family Lfm2(string architecture) => new(architecture, "model.",
    [
        new("embed_tokens", "token_embd"), new("embedding_norm", "token_embd_norm"), new("lm_head", "output", Optional: true),
        .. new TensorName[]
        {
            new("operator_norm", "attn_norm"), new("ffn_norm", "ffn_norm"), new("self_attn.q_proj", "attn_q", Optional: true), new("self_attn.k_proj", "attn_k", Optional: true),
            new("self_attn.v_proj", "attn_v", Optional: true), new("self_attn.out_proj", "attn_output", Optional: true), new("self_attn.q_layernorm", "attn_q_norm", Optional: true),
            new("self_attn.k_layernorm", "attn_k_norm", Optional: true), new("conv.in_proj", "shortconv.in_proj", Optional: true),
            new("conv.conv", "shortconv.conv", Optional: true) { Make = StateSpaceFamilies.SqueezedWeight }, new("conv.out_proj", "shortconv.out_proj", Optional: true),
            new("feed_forward.w1", "ffn_gate", Optional: true), new("feed_forward.w3", "ffn_up", Optional: true), new("feed_forward.w2", "ffn_down", Optional: true),
            new("feed_forward.gate", "ffn_gate_inp", Optional: true), GatedDecoder.Preference("feed_forward.expert_bias"),
            new("feed_forward.experts.@.w1", "ffn_gate_exps", Optional: true), new("feed_forward.experts.@.w3", "ffn_up_exps", Optional: true), new("feed_forward.experts.@.w2", "ffn_down_exps", Optional: true),
        }.Select(name => name.In("layers.#.")),
    ])
    {
        TiesByDefault = true,
        PlainNorms = true,
        DefaultEpsilon = 1e-5,
        DefaultTheta = 1_000_000,
        Numbers = [("conv_L_cache", "shortconv.l_cache")],
        AttendsIn = (config, layer) => Type(config, layer) == "full_attention",
        Says = (keys, _) =>
        {
            if (architecture == "lfm2moe")
                keys.Add("expert_gating_func", 2);
        },
    };

    private static Family Qwen3Next() => new("qwen3next", "model.", GatedDecoder.Whole(
    [
        .. Some(GatedDecoder.Projections), .. Some(GatedDecoder.HeadNorms(Change.AddOne)), new("input_layernorm", "attn_norm", Change.AddOne),
        new("post_attention_layernorm", "post_attention_norm", Change.AddOne),
        new("linear_attn.in_proj_qkvz", "ssm_in", Optional: true), new("linear_attn.in_proj_ba", "ssm_ba", Optional: true),
        new("linear_attn.conv1d", "ssm_conv1d", Optional: true) { Make = StateSpaceFamilies.SqueezedWeight }, new("linear_attn.dt_bias", "ssm_dt.bias", Optional: true) { Whole = true },
        new("linear_attn.A_log", "ssm_a", Optional: true) { Whole = true, Make = Makings.FlatRates }, new("linear_attn.norm", "ssm_norm", Optional: true), new("linear_attn.out_proj", "ssm_out", Optional: true),
        new("mlp.gate", "ffn_gate_inp", Optional: true), new("mlp.experts.@.gate_proj", "ffn_gate_exps", Optional: true), new("mlp.experts.@.up_proj", "ffn_up_exps", Optional: true),
        new("mlp.experts.@.down_proj", "ffn_down_exps", Optional: true), new("mlp.shared_expert.gate_proj", "ffn_gate_shexp", Optional: true),
        new("mlp.shared_expert.up_proj", "ffn_up_shexp", Optional: true), new("mlp.shared_expert.down_proj", "ffn_down_shexp", Optional: true), new("mlp.shared_expert_gate", "ffn_gate_inp_shexp", Optional: true),
        new("mlp.gate_proj", "ffn_gate", Optional: true), new("mlp.up_proj", "ffn_up", Optional: true), new("mlp.down_proj", "ffn_down", Optional: true),
    ], Change.AddOne))
    {
        Beside = ["mtp."],
        Fixed = [("norm_topk_prob", true)],
        Numbers =
        [
            .. s_experts, ("linear_conv_kernel_dim", "ssm.conv_kernel"), ("linear_key_head_dim", "ssm.state_size"), ("linear_num_key_heads", "ssm.group_count"),
            ("linear_num_value_heads", "ssm.time_step_rank"),
        ],
        Says = (keys, folder) => keys.Add("ssm.inner_size", (long)folder.Config.Size("linear_num_value_heads") * folder.Config.Size("linear_value_head_dim")),
    };

    private static char Pattern(JsonFile config, int layer) => config.FindText("hybrid_override_pattern") is { } pattern && layer < pattern.Length
        ? pattern[layer]
        : throw new InvalidDataException($"'{config.Path}': 'hybrid_override_pattern' says nothing of layer {layer}.");

    private static string Type(JsonFile config, int layer) => config.FindTexts("layer_types") is { } types && layer < types.Length
        ? types[layer]
        : throw new InvalidDataException($"'{config.Path}': 'layer_types' says nothing of layer {layer}.");

    private static double Factor(FolderSizes folder, string field) => folder.Config.FindNumber(field) ?? 1;
}
