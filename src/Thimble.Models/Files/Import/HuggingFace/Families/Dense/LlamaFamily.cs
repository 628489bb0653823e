using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Llama, Mistral, Mixtral and Granite: GGUF rotates adjacent pairs where Hugging Face rotates halves, so query and key rows
/// change places.</summary>
/// <remarks>Source: llama.cpp, <c>conversion/llama.py</c>, <c>permute</c>, and <c>conversion/granite.py</c>.</remarks>
internal static class LlamaFamily
{
    [ModuleInitializer]
    internal static void Register()
    {
        TensorName[] dense = GatedDecoder.Gated([.. GatedDecoder.Paired, .. GatedDecoder.Norms()]);
        Family.Add(new("llama", "model.", dense), "LlamaForCausalLM", "LLaMAForCausalLM");
        Family.Add(new("llama", "model.", dense) { Slides = true }, "MistralForCausalLM");
        Family.Add(
            new("llama", "model.", GatedDecoder.Mixed(
                "block_sparse_moe.experts", ("w1", "w3", "w2"), "block_sparse_moe.gate", [.. GatedDecoder.Paired, .. GatedDecoder.Norms()]))
            {
                Slides = true,
                Numbers = [("num_local_experts", "expert_count"), ("num_experts_per_tok", "expert_used_count")],
            },
            "MixtralForCausalLM");
        Family.Add(
            new("granite", "model.", dense)
            {
                Numbers =
                [
                    ("attention_multiplier", "attention.scale"), ("embedding_multiplier", "embedding_scale"),
                    ("residual_multiplier", "residual_scale"), ("logits_scaling", "logit_scale"),
                ],
            },
            "GraniteForCausalLM");
    }
}
