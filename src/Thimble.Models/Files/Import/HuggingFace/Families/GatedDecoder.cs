namespace Thimble.Models.Files;

/// <summary>The names that Llama gave its tensors and half the field has kept.</summary>
internal static class GatedDecoder
{
    /// <summary>The whole table, with what a family's own attention needs.</summary>
    /// <param name="attention">Its query and key projections and norms, without the layer.</param>
    public static TensorName[] Tensors(ReadOnlySpan<TensorName> attention)
    {
        List<TensorName> tensors = [new("embed_tokens", "token_embd"), new("norm", "output_norm"), new("lm_head", "output", Optional: true)];
        foreach (TensorName name in attention)
            tensors.Add(InLayer(name));
        foreach ((string theirs, string ours) in s_layer)
            tensors.Add(InLayer(new(theirs, ours)));
        return [.. tensors];
    }

    private static readonly (string Theirs, string Ours)[] s_layer =
    [
        ("input_layernorm", "attn_norm"), ("self_attn.v_proj", "attn_v"), ("self_attn.o_proj", "attn_output"),
        ("post_attention_layernorm", "ffn_norm"), ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
    ];

    private static TensorName InLayer(TensorName name) => name with { Theirs = "layers.#." + name.Theirs, Ours = "blk.#." + name.Ours };
}
