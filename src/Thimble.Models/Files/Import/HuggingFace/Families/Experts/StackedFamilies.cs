using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Granite with experts, gpt-oss and Llama 4, whose experts lie in one tensor with gates and what they gate together.</summary>
/// <remarks>Source: Hugging Face transformers, <c>modeling_granitemoe</c>, <c>modeling_gpt_oss</c> and <c>modeling_llama4</c>; llama.cpp, <c>conversion</c>.</remarks>
internal static class StackedFamilies
{
    [ModuleInitializer]
    internal static void Register()
    {
        Family.Add(
            new("granitemoe", "model.", GatedDecoder.Whole([.. GatedDecoder.Paired, .. GatedDecoder.Norms(), .. Granite]))
            {
                Numbers = [.. GraniteFactors, ("num_local_experts", "expert_count"), ("num_experts_per_tok", "expert_used_count"), ("shared_intermediate_size", "expert_shared_feed_forward_length")],
            },
            "GraniteMoeForCausalLM", "GraniteMoeSharedForCausalLM");
        Family.Add(GptOss(), "GptOssForCausalLM");
        Family.Add(Llama4(), "Llama4ForCausalLM", "Llama4ForConditionalGeneration");
    }

    /// <summary>The factors of Granite's line.</summary>
    internal static (string, string)[] GraniteFactors { get; } =
    [
        ("attention_multiplier", "attention.scale"), ("embedding_multiplier", "embedding_scale"), ("residual_multiplier", "residual_scale"), ("logits_scaling", "logit_scale"),
    ];

    /// <summary>Experts of Granite's line.</summary>
    internal static TensorName[] Granite { get; } =
    [
        new("block_sparse_moe.router.layer", "ffn_gate_inp", Optional: true),
        new("block_sparse_moe.input_linear", "ffn_gate_exps|blk.#.ffn_up_exps", Optional: true) { Make = Makings.Half },
        new("block_sparse_moe.output_linear", "ffn_down_exps", Optional: true),
        new("shared_mlp.input_linear", "ffn_gate_shexp|blk.#.ffn_up_shexp", Optional: true) { Make = Makings.Half },
        new("shared_mlp.output_linear", "ffn_down_shexp", Optional: true),
    ];

    private static Family GptOss() => new("gpt-oss", "model.", GatedDecoder.Whole(
    [
        .. GatedDecoder.Projections, new("input_layernorm", "attn_norm"), new("post_attention_layernorm", "post_attention_norm"), new("mlp.router", "ffn_gate_inp"),
        new("self_attn.sinks", "attn_sinks.weight") { Whole = true },
        new("mlp.experts.gate_up_proj", "ffn_gate_exps.weight|blk.#.ffn_up_exps.weight", Change.Turn) { Whole = true, Make = Makings.Alternate },
        new("mlp.experts.gate_up_proj_bias", "ffn_gate_exps.bias|blk.#.ffn_up_exps.bias") { Whole = true, Make = Makings.Alternate },
        new("mlp.experts.down_proj", "ffn_down_exps.weight", Change.Turn) { Whole = true }, new("mlp.experts.down_proj_bias", "ffn_down_exps.bias") { Whole = true },
    ]))
    {
        Slides = true,
        Numbers = [("num_local_experts", "expert_count"), ("num_experts_per_tok", "expert_used_count"), ("intermediate_size", "expert_feed_forward_length")],
        DefaultTheta = 150_000,
    };

    private static Family Llama4() => new("llama4", "model.", GatedDecoder.Whole(
    [
        .. GatedDecoder.Projections, .. GatedDecoder.Norms(),
        new("feed_forward.gate_proj", "ffn_gate", Optional: true), new("feed_forward.up_proj", "ffn_up", Optional: true), new("feed_forward.down_proj", "ffn_down", Optional: true),
        new("feed_forward.router", "ffn_gate_inp", Optional: true),
        new("feed_forward.experts.gate_up_proj", "ffn_gate_exps.weight|blk.#.ffn_up_exps.weight", Change.Turn, Optional: true) { Whole = true, Make = Makings.Half },
        new("feed_forward.experts.down_proj", "ffn_down_exps.weight", Change.Turn, Optional: true) { Whole = true },
        new("feed_forward.shared_expert.gate_proj", "ffn_gate_shexp", Optional: true), new("feed_forward.shared_expert.up_proj", "ffn_up_shexp", Optional: true),
        new("feed_forward.shared_expert.down_proj", "ffn_down_shexp", Optional: true),
    ]))
    {
        OtherPrefixes = ["language_model.model.", "language_model.", "model.language_model."],
        Beside = ["vision_model.", "multi_modal_projector.", "model.vision_model.", "model.multi_modal_projector."],
        Numbers =
        [
            ("num_local_experts", "expert_count"), ("num_experts_per_tok", "expert_used_count"), ("interleave_moe_layer_step", "interleave_moe_layer_step"),
            ("intermediate_size", "expert_feed_forward_length"),
        ],
        DefaultTheta = 500_000,
    };
}
