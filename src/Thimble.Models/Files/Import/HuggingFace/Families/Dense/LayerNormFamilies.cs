using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>StableLM, StarCoder 2 and GPT-NeoX (Pythia): norms with biases; the last has a query, a key and a value of each head side by side.</summary>
/// <remarks>Source: llama.cpp, <c>conversion/gpt_neox.py</c>; Hugging Face transformers, <c>modeling_stablelm</c>, <c>modeling_starcoder2</c>
/// and <c>modeling_gpt_neox</c>.</remarks>
internal static class LayerNormFamilies
{
    [ModuleInitializer]
    internal static void Register()
    {
        (string, string)[] parallel = [("use_parallel_residual", "use_parallel_residual")];
        Family.Add(
            new("stablelm", "model.", GatedDecoder.Gated(
                [.. GatedDecoder.Projections, new("input_layernorm", "attn_norm"), new("post_attention_layernorm", "ffn_norm", Optional: true)]))
            {
                Flags = parallel,
            },
            "StableLmForCausalLM", "StableLMEpochForCausalLM");
        Family.Add(
            new("starcoder2", "model.", GatedDecoder.Whole(
                [.. GatedDecoder.Projections, .. GatedDecoder.Norms(), new("mlp.c_fc", "ffn_up"), new("mlp.c_proj", "ffn_down")])),
            "Starcoder2ForCausalLM");
        Family.Add(
            new("gptneox", "gpt_neox.",
            [
                new("embed_in", "token_embd"), new("final_layer_norm", "output_norm"), new("embed_out", "output", Optional: true),
                new("layers.#.input_layernorm", "blk.#.attn_norm"), new("layers.#.post_attention_layernorm", "blk.#.ffn_norm"),
                new("layers.#.attention.query_key_value", "blk.#.attn_qkv", Change.PartThirds), new("layers.#.attention.dense", "blk.#.attn_output"),
                new("layers.#.mlp.dense_h_to_4h", "blk.#.ffn_up"), new("layers.#.mlp.dense_4h_to_h", "blk.#.ffn_down"),
            ])
            {
                Ignored = [".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq"],
                Flags = parallel,
            },
            "GPTNeoXForCausalLM");
    }
}
