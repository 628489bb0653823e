using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Gemma, the second and the third's text: gains are stored less one, and the head is the embedding.</summary>
/// <remarks>Source: llama.cpp, <c>conversion/gemma.py</c>; Hugging Face transformers, <c>modeling_gemma3</c>.</remarks>
internal static class GemmaFamily
{
    [ModuleInitializer]
    internal static void Register()
    {
        TensorName[] gated = [new("mlp.gate_proj", "ffn_gate"), new("mlp.up_proj", "ffn_up"), new("mlp.down_proj", "ffn_down"), .. GatedDecoder.Projections];
        TensorName[] around =
        [
            .. gated, new("input_layernorm", "attn_norm", Change.AddOne), new("post_attention_layernorm", "post_attention_norm", Change.AddOne),
            new("pre_feedforward_layernorm", "ffn_norm", Change.AddOne), new("post_feedforward_layernorm", "post_ffw_norm", Change.AddOne),
        ];
        (string, string)[] caps = [("attn_logit_softcapping", "attn_logit_softcapping"), ("final_logit_softcapping", "final_logit_softcapping")];
        Family.Add(Tied("gemma", [.. gated, .. GatedDecoder.Norms(Change.AddOne)]), "GemmaForCausalLM");
        Family.Add(Tied("gemma2", around) with { Slides = true, Numbers = caps }, "Gemma2ForCausalLM");
        Family.Add(
            Tied("gemma3", [.. around, .. GatedDecoder.HeadNorms(Change.AddOne)]) with { Slides = true, Numbers = caps, DefaultTheta = 1_000_000 },
            "Gemma3ForCausalLM", "Gemma3ForConditionalGeneration");
        Family.Add(
            Tied("gemma-embedding", [.. around, .. GatedDecoder.HeadNorms(Change.AddOne)]) with { Slides = true, DefaultTheta = 1_000_000, Fixed = [("use_bidirectional_attention", true)] },
            "Gemma3TextModel");
    }

    private static Family Tied(string architecture, TensorName[] layer) => new(architecture, "model.", GatedDecoder.Whole(layer, Change.AddOne))
    {
        TiesByDefault = true,
        OtherPrefixes = ["language_model.model.", "model.language_model.", "language_model."],
        Beside = ["vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.multi_modal_projector."],
    };
}
