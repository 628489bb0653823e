using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>GPT-J, OPT, BLOOM, MPT, Falcon and Phi 2: layer norms, and a feed-forward block without gate.</summary>
/// <remarks>Source: Hugging Face transformers, <c>modeling_gptj</c>, <c>modeling_opt</c>, <c>modeling_bloom</c>, <c>modeling_mpt</c>,
/// <c>modeling_falcon</c> and <c>modeling_phi</c>; llama.cpp, <c>conversion</c>, for the orders of heads.</remarks>
internal static class GptFamilies
{
    [ModuleInitializer]
    internal static void Register()
    {
        Family.Add(GptJ(), "GPTJForCausalLM");
        Family.Add(Opt(), "OPTForCausalLM");
        Family.Add(Bloom(), "BloomForCausalLM", "BloomModel");
        Family.Add(Mpt(), "MPTForCausalLM", "MptForCausalLM");
        Family.Add(Falcon(), "FalconForCausalLM", "RWForCausalLM");
        Family.Add(Phi(), "PhiForCausalLM");
    }

    private static Family GptJ() => new("gptj", "transformer.",
    [
        new("wte", "token_embd"), new("ln_f", "output_norm"), new("lm_head", "output"),
        .. Layer("h.#.", ("ln_1", "attn_norm"), ("attn.q_proj", "attn_q"), ("attn.k_proj", "attn_k"), ("attn.v_proj", "attn_v"), ("attn.out_proj", "attn_output"),
            ("mlp.fc_in", "ffn_up"), ("mlp.fc_out", "ffn_down")),
    ])
    {
        Ignored = [".attn.bias", ".attn.masked_bias"],
        PlainNorms = false,
        DefaultEpsilon = 1e-5,
    };

    private static Family Opt() => new("opt", "model.decoder.",
    [
        new("embed_tokens", "token_embd"), new("embed_positions", "position_embd") { Make = Makings.WithoutTwo }, new("final_layer_norm", "output_norm"),
        new("lm_head", "output", Optional: true),
        .. Layer("layers.#.", ("self_attn_layer_norm", "attn_norm"), ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"),
            ("self_attn.out_proj", "attn_output"), ("final_layer_norm", "ffn_norm"), ("fc1", "ffn_up"), ("fc2", "ffn_down")),
    ])
    {
        OtherPrefixes = ["decoder."],
        Rotates = false,
        TiesByDefault = true,
        PlainNorms = false,
        DefaultEpsilon = 1e-5,
        Fixed = [("do_layer_norm_before", true)],
    };

    private static Family Bloom() => new("bloom", "transformer.",
    [
        new("word_embeddings", "token_embd"), new("word_embeddings_layernorm", "token_embd_norm"), new("ln_f", "output_norm"), new("lm_head", "output", Optional: true),
        new("h.#.self_attention.query_key_value", "blk.#.attn_qkv", Change.PartThirds),
        .. Layer("h.#.", ("input_layernorm", "attn_norm"), ("self_attention.dense", "attn_output"), ("post_attention_layernorm", "ffn_norm"),
            ("mlp.dense_h_to_4h", "ffn_up"), ("mlp.dense_4h_to_h", "ffn_down")),
    ])
    {
        Rotates = false,
        TiesByDefault = true,
        PlainNorms = false,
        DefaultEpsilon = 1e-5,
    };

    private static Family Mpt() => new("mpt", "transformer.",
    [
        new("wte", "token_embd"), new("wpe", "position_embd", Optional: true), new("norm_f", "output_norm"), new("lm_head", "output", Optional: true),
        new("blocks.#.attn.q_ln", "blk.#.attn_q_norm", Optional: true), new("blocks.#.attn.k_ln", "blk.#.attn_k_norm", Optional: true),
        new("blocks.#.ffn.act.scales", "blk.#.ffn.act.scales", Optional: true) { Whole = true },
        .. Layer("blocks.#.", ("norm_1", "attn_norm"), ("attn.Wqkv", "attn_qkv"), ("attn.out_proj", "attn_output"), ("norm_2", "ffn_norm"),
            ("ffn.up_proj", "ffn_up"), ("ffn.down_proj", "ffn_down")),
    ])
    {
        Rotates = false,
        TiesByDefault = true,
        PlainNorms = false,
        DefaultEpsilon = 1e-5,
        Says = (keys, folder) =>
        {
            JsonFile? attention = folder.Config.FindObject("attn_config");
            if (attention?.FindFlag("alibi") == true)
                keys.Add("attention.max_alibi_bias", attention.FindNumber("alibi_bias_max") ?? 8);
            if (attention?.FindNumber("clip_qkv") is { } clamp)
                keys.Add("attention.clamp_kqv", clamp);
        },
    };

    private static Family Falcon() => new("falcon", "transformer.",
    [
        new("word_embeddings", "token_embd"), new("ln_f", "output_norm"), new("lm_head", "output", Optional: true),
        new("h.#.self_attention.query_key_value", "blk.#.attn_qkv") { Make = Makings.Groups },
        new("h.#.input_layernorm", "blk.#.attn_norm", Optional: true), new("h.#.ln_mlp", "blk.#.attn_norm", Optional: true), new("h.#.ln_attn", "blk.#.attn_norm_2", Optional: true),
        .. Layer("h.#.", ("self_attention.dense", "attn_output"), ("mlp.dense_h_to_4h", "ffn_up"), ("mlp.dense_4h_to_h", "ffn_down")),
    ])
    {
        TiesByDefault = true,
        PlainNorms = false,
        DefaultEpsilon = 1e-5,
        Fixed = [("alibi", false), ("parallel_attn", true)],
    };

    private static Family Phi() => new("phi2", "model.",
    [
        new("embed_tokens", "token_embd"), new("final_layernorm", "output_norm"), new("lm_head", "output"),
        .. Layer("layers.#.", ("input_layernorm", "attn_norm"), ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"),
            ("self_attn.dense", "attn_output"), ("mlp.fc1", "ffn_up"), ("mlp.fc2", "ffn_down")),
    ])
    {
        Fixed = [("qk_layernorm", false)],
    };

    private static IEnumerable<TensorName> Layer(string at, params (string Theirs, string Ours)[] names) =>
        names.Select(name => new TensorName(at + name.Theirs, "blk.#." + name.Ours));
}
