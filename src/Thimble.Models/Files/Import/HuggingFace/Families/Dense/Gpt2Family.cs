using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>GPT-2: layer norms, learned positions, one matrix for queries, keys and values, and matrices stored the other way round.</summary>
/// <remarks>Source: llama.cpp, <c>conversion/gpt2.py</c>; its Conv1D is <c>x·W</c> with W of [inputs, outputs].</remarks>
internal static class Gpt2Family
{
    [ModuleInitializer]
    internal static void Register() => Family.Add(
        new("gpt2", "transformer.",
        [
            new("wte", "token_embd"), new("wpe", "position_embd"), new("ln_f", "output_norm"), new("lm_head", "output", Optional: true),
            new("h.#.ln_1", "blk.#.attn_norm"), new("h.#.attn.c_attn", "blk.#.attn_qkv", Change.Turn),
            new("h.#.attn.c_proj", "blk.#.attn_output", Change.Turn), new("h.#.ln_2", "blk.#.ffn_norm"),
            new("h.#.mlp.c_fc", "blk.#.ffn_up", Change.Turn), new("h.#.mlp.c_proj", "blk.#.ffn_down", Change.Turn),
        ])
        {
            Ignored = [".attn.bias", ".attn.masked_bias"],
            Rotates = false,
            TiesByDefault = true,
        },
        "GPT2LMHeadModel");
}
