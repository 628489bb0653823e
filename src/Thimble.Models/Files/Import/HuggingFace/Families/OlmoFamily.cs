using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>OLMo 2: what blocks give is normalised instead of what they take.</summary>
/// <remarks>Source: llama.cpp, <c>conversion/olmo.py</c>; Hugging Face transformers, <c>modeling_olmo2</c>.</remarks>
internal static class OlmoFamily
{
    [ModuleInitializer]
    internal static void Register() => Family.Add(
        new("olmo2", "model.", GatedDecoder.Gated(
        [
            .. GatedDecoder.Projections, .. GatedDecoder.HeadNorms(),
            new("post_attention_layernorm", "post_attention_norm"), new("post_feedforward_layernorm", "post_ffw_norm"),
        ])),
        "Olmo2ForCausalLM");
}
