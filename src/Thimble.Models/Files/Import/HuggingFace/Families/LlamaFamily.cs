using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Llama and Mistral: GGUF rotates adjacent pairs where Hugging Face rotates halves, so query and key rows change places.</summary>
/// <remarks>Source: llama.cpp, <c>conversion/llama.py</c>, <c>permute</c>.</remarks>
internal static class LlamaFamily
{
    [ModuleInitializer]
    internal static void Register()
    {
        TensorName[] tensors =
        [
            new("self_attn.q_proj", "attn_q", Change.PairQueries),
            new("self_attn.k_proj", "attn_k", Change.PairKeys),
        ];
        Family.Add(new("llama", "model.", GatedDecoder.Tensors(tensors)), "LlamaForCausalLM", "LLaMAForCausalLM");
        Family.Add(new("llama", "model.", GatedDecoder.Tensors(tensors)) { Slides = true }, "MistralForCausalLM");
    }
}
