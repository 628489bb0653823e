using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>OLMo, whose norms have no gains, and OLMo 2 and 3: what blocks give is normalised instead of what they take.</summary>
/// <remarks>Source: llama.cpp, <c>conversion/olmo.py</c>; Hugging Face transformers, <c>modeling_olmo</c>, <c>modeling_olmo2</c> and <c>modeling_olmo3</c>.</remarks>
internal static class OlmoFamily
{
    [ModuleInitializer]
    internal static void Register()
    {
        Family.Add(
            new("olmo", "model.", [.. GatedDecoder.Gated(GatedDecoder.Paired).Where(name => name.Ours != "output_norm")])
            {
                PlainNorms = false,
                DefaultEpsilon = 1e-5,
                Numbers = [("clip_qkv", "attention.clamp_kqv")],
            },
            "OlmoForCausalLM");
        Family second = new("olmo2", "model.", GatedDecoder.Gated(
        [
            .. GatedDecoder.Projections, .. GatedDecoder.HeadNorms(),
            new("post_attention_layernorm", "post_attention_norm"), new("post_feedforward_layernorm", "post_ffw_norm"),
        ]));
        Family.Add(second, "Olmo2ForCausalLM");
        Family.Add(second with { Slides = true }, "Olmo3ForCausalLM");
    }
}
