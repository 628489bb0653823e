using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Qwen 2 and 3, dense and with experts: both sides rotate halves, so rows stay; Qwen 3 norms each head's queries and keys.</summary>
/// <remarks>Source: llama.cpp, <c>conversion/qwen.py</c>.</remarks>
internal static class QwenFamily
{
    private static readonly (string, string)[] s_experts =
    [
        ("num_experts", "expert_count"), ("num_experts_per_tok", "expert_used_count"),
    ];

    [ModuleInitializer]
    internal static void Register()
    {
        TensorName[] second = [.. GatedDecoder.Projections, .. GatedDecoder.Norms()], third = [.. second, .. GatedDecoder.HeadNorms()];
        TensorName[] shared =
        [
            new("mlp.shared_expert.gate_proj", "ffn_gate_shexp", Optional: true), new("mlp.shared_expert.up_proj", "ffn_up_shexp", Optional: true),
            new("mlp.shared_expert.down_proj", "ffn_down_shexp", Optional: true), new("mlp.shared_expert_gate", "ffn_gate_inp_shexp", Optional: true),
        ];
        Family.Add(new("qwen2", "model.", GatedDecoder.Gated(second)), "Qwen2ForCausalLM");
        Family.Add(new("qwen3", "model.", GatedDecoder.Gated(third)), "Qwen3ForCausalLM");
        Family.Add(
            new("qwen3", "model.", [.. GatedDecoder.Gated(third), new("score", "cls.output") { Make = Makings.AgainstZero }]) { Says = (keys, _) => keys.Set("pooling_type", 4) },
            "Qwen3ForSequenceClassification");
        Family.Add(Seeing("qwen2vl", second), "Qwen2VLForConditionalGeneration", "Qwen2_5_VLForConditionalGeneration");
        Family.Add(Seeing("qwen3vl", third), "Qwen3VLForConditionalGeneration");
        Family.Add(
            new("qwen2moe", "model.", Mixed([.. second, .. shared])) { Numbers = s_experts, Fixed = [("norm_topk_prob", false)] }, "Qwen2MoeForCausalLM");
        Family.Add(new("qwen3moe", "model.", Mixed(third)) { Numbers = s_experts, Fixed = [("norm_topk_prob", true)] }, "Qwen3MoeForCausalLM");
    }

    /// <summary>The text part of a model that sees: axes of pictures share the pairs that turn.</summary>
    private static Family Seeing(string architecture, TensorName[] layer) => new(architecture, "model.", GatedDecoder.Gated(layer))
    {
        OtherPrefixes = ["model.language_model.", "language_model.model.", "language_model."],
        Beside = ["visual.", "model.visual."],
        Says = (keys, folder) =>
        {
            JsonFile? turns = folder.Config.FindObject("rope_scaling") ?? folder.Config.FindObject("rope_parameters");
            if (turns?.FindIntegers("mrope_section") is { Length: > 0 } sections)
                keys.Add("rope.dimension_sections", [.. sections, .. new long[Math.Max(0, 4 - sections.Length)]]);
        },
    };

    private static TensorName[] Mixed(TensorName[] layer) => GatedDecoder.Mixed("mlp.experts", ("gate_proj", "up_proj", "down_proj"), "mlp.gate", layer);
}
