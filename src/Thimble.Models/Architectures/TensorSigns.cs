using Thimble.Models.Files;

namespace Thimble.Models.Architectures;

/// <summary>What blocks a file's tensors speak of, for architectures that nobody here has described.</summary>
internal static class TensorSigns
{
    /// <summary>Parts of names, and the block that has such tensors. The first that fits a name counts.</summary>
    private static readonly (string[] Parts, string Block)[] s_signs =
    [
        (["ssm_alpha", "ssm_beta", "ssm_ba"], "gated delta net"),
        (["shortconv"], "gated short convolution"),
        (["ssm_"], "state space (Mamba)"),
        (["time_mix_", "channel_mix_"], "RWKV time and channel mix"),
        (["attn_kv_a", "attn_kv_b", "attn_k_b", "attn_v_b"], "latent attention"),
        (["indexer"], "attention to keys that an indexer chooses"),
        (["cross_attn"], "attention to an encoder"),
        (["attn_rel_b"], "attention with relative biases"),
        (["attn_sinks"], "attention with sinks"),
        (["_shexp"], "shared experts"),
        (["_exps", "ffn_gate_inp", "exp_probs_b"], "mixture of experts"),
        (["altup_"], "wide stream (AltUp)"),
        (["laurel_"], "learned way past attention (LAuReL)"),
        (["per_layer_", "inp_gate"], "per-layer embeddings"),
        (["nextn."], "layers that predict further tokens"),
        (["position_embd"], "learned positions"),
        (["token_types"], "token types"),
        (["enc.blk", "dec.blk"], "encoder and decoder"),
        (["v.blk", "mm."], "image encoder"),
        (["conv1d", "conv_"], "convolution"),
        (["attn_q", "attn_k", "attn_v", "attn_output"], "attention"),
        (["ffn_gate"], "gated feed-forward"),
        (["ffn_up", "ffn_down"], "feed-forward"),
    ];

    /// <summary>The blocks that a file's tensors suggest, each with a tensor that does.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <returns>Such as <c>latent attention (blk.0.attn_kv_a_mqa.weight)</c>, in the order of the table.</returns>
    public static IReadOnlyList<string> Of(IEnumerable<StoredTensor> tensors)
    {
        string?[] first = new string?[s_signs.Length];
        foreach (StoredTensor tensor in tensors)
        {
            int at = Array.FindIndex(s_signs, sign => Array.Exists(sign.Parts, part => tensor.Name.Contains(part, StringComparison.Ordinal)));
            if (at >= 0)
                first[at] ??= tensor.Name;
        }

        bool gated = first[Array.FindIndex(s_signs, sign => sign.Block == "gated feed-forward")] is not null;
        return [.. s_signs.Select((sign, i) => (sign.Block, Name: first[i]))
            .Where(found => found.Name is not null && !(gated && found.Block == "feed-forward"))
            .Select(found => $"{found.Block} ({found.Name})")];
    }
}
