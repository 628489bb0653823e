namespace Thimble.Models.Files;

/// <summary>The names that Llama gave its tensors and half the field has kept.</summary>
internal static class GatedDecoder
{
    private static readonly TensorName[] s_gated = [new("mlp.gate_proj", "ffn_gate"), new("mlp.up_proj", "ffn_up"), new("mlp.down_proj", "ffn_down")];

    /// <summary>Query, key, value and output projections as they are.</summary>
    public static TensorName[] Projections { get; } =
    [
        new("self_attn.q_proj", "attn_q"), new("self_attn.k_proj", "attn_k"), new("self_attn.v_proj", "attn_v"), new("self_attn.o_proj", "attn_output"),
    ];

    /// <summary>The same, with query and key rows for a rotation of adjacent pairs.</summary>
    public static TensorName[] Paired { get; } =
    [
        new("self_attn.q_proj", "attn_q", Change.PairQueries), new("self_attn.k_proj", "attn_k", Change.PairKeys),
        new("self_attn.v_proj", "attn_v"), new("self_attn.o_proj", "attn_output"),
    ];

    /// <summary>Norms of each head's, or all heads', queries and keys.</summary>
    public static TensorName[] HeadNorms(Change change = Change.None) =>
        [new("self_attn.q_norm", "attn_q_norm", change), new("self_attn.k_norm", "attn_k_norm", change)];

    /// <summary>The norms before attention and before feed-forward.</summary>
    public static TensorName[] Norms(Change change = Change.None) =>
        [new("input_layernorm", "attn_norm", change), new("post_attention_layernorm", "ffn_norm", change)];

    /// <summary>The whole table of a decoder with a gated feed-forward block.</summary>
    /// <param name="layer">The rest of what a layer has, without the layer.</param>
    public static TensorName[] Gated(params ReadOnlySpan<TensorName> layer) => Whole([.. s_gated, .. layer]);

    /// <summary>The whole table of a decoder whose layers may have experts instead.</summary>
    /// <param name="experts">What stands before an expert's number.</param>
    /// <param name="names">Names of gate, up and down.</param>
    /// <param name="router">The router's name.</param>
    /// <param name="layer">The rest of what a layer has, without the layer.</param>
    public static TensorName[] Mixed(string experts, (string Gate, string Up, string Down) names, string router, params ReadOnlySpan<TensorName> layer) => Whole(
    [
        .. s_gated.Select(name => name with { Optional = true }), new(router, "ffn_gate_inp", Optional: true),
        new($"{experts}.@.{names.Gate}", "ffn_gate_exps", Optional: true), new($"{experts}.@.{names.Up}", "ffn_up_exps", Optional: true),
        new($"{experts}.@.{names.Down}", "ffn_down_exps", Optional: true), .. layer,
    ]);

    /// <summary>The whole table: the rows of a layer, embedding, last norm and head.</summary>
    /// <param name="layer">What a layer has, without the layer.</param>
    /// <param name="change">What happens to the last norm.</param>
    public static TensorName[] Whole(IEnumerable<TensorName> layer, Change change = Change.None) =>
    [
        new("embed_tokens", "token_embd"), new("norm", "output_norm", change), new("lm_head", "output", Optional: true),
        .. layer.Select(name => name.In("layers.#.")),
    ];

    /// <summary>What is added to experts' shares when they are chosen.</summary>
    /// <param name="theirs">Its whole name.</param>
    public static TensorName Preference(string theirs) => new(theirs, "exp_probs_b.bias", Optional: true) { Whole = true };

    /// <summary>A row of a layer, with the layer.</summary>
    /// <param name="name">The row.</param>
    /// <param name="at">What the folder's names of a layer's tensors begin with.</param>
    public static TensorName In(this TensorName name, string at) =>
        new(at + name.Theirs, "blk.#." + name.Ours, name.Change, name.Optional) { Whole = name.Whole, Make = name.Make, Place = name.Place };
}
