using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Qwen 2 and 3: both sides rotate halves, so rows stay; Qwen 3 norms each head's queries and keys.</summary>
/// <remarks>Source: llama.cpp, <c>conversion/qwen.py</c>.</remarks>
internal static class QwenFamily
{
    [ModuleInitializer]
    internal static void Register()
    {
        TensorName[] projections = [new("self_attn.q_proj", "attn_q"), new("self_attn.k_proj", "attn_k")];
        TensorName[] norms = [new("self_attn.q_norm", "attn_q_norm"), new("self_attn.k_norm", "attn_k_norm")];
        Family.Add(new("qwen2", "model.", GatedDecoder.Tensors(projections)), "Qwen2ForCausalLM");
        Family.Add(new("qwen3", "model.", GatedDecoder.Tensors([.. projections, .. norms])), "Qwen3ForCausalLM");
    }
}
