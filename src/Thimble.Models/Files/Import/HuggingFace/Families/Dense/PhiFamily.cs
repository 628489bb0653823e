using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>Phi 3 and 4: queries, keys and values in one matrix, gate and up in another, as GGUF has them too.</summary>
/// <remarks>Source: llama.cpp, <c>conversion/phi.py</c>; Hugging Face transformers, <c>modeling_phi3</c>.</remarks>
internal static class PhiFamily
{
    [ModuleInitializer]
    internal static void Register() => Family.Add(
        new("phi3", "model.", GatedDecoder.Whole(
        [
            new("self_attn.qkv_proj", "attn_qkv"), new("self_attn.o_proj", "attn_output"), .. GatedDecoder.Norms(),
            new("mlp.gate_up_proj", "ffn_up"), new("mlp.down_proj", "ffn_down"),
        ])),
        "Phi3ForCausalLM");
}
