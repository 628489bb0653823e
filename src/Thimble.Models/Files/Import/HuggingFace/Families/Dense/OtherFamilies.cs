using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>The first Qwen, InternLM 2, Apertus and BitNet, each with names of its own.</summary>
/// <remarks>Source: the models' own <c>modeling</c> files (Qwen, InternLM 2); Hugging Face transformers, <c>modeling_apertus</c> and <c>modeling_bitnet</c>;
/// llama.cpp, <c>conversion</c>.</remarks>
internal static class OtherFamilies
{
    private static readonly string[] s_slopes = ["alpha_n", "alpha_p", "beta", "eps"];

    private static readonly (string Theirs, string Ours)[] s_ternary =
    [
        ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"), ("self_attn.o_proj", "attn_output"),
        ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
    ];

    /// <summary>Factors on matrices of two bits.</summary>
    private static IEnumerable<TensorName> Factors =>
        s_ternary.Select(name => new TensorName(name.Theirs + ".weight_scale", name.Ours + ".scale", Optional: true) { Whole = true, Make = TernaryBytes.Factor });

    [ModuleInitializer]
    internal static void Register()
    {
        Family.Add(
            new("qwen", "transformer.",
            [
                new("wte", "token_embd"), new("ln_f", "output_norm"), new("lm_head", "output", Optional: true), new("h.#.ln_1", "blk.#.attn_norm"),
                new("h.#.attn.c_attn", "blk.#.attn_qkv"), new("h.#.attn.c_proj", "blk.#.attn_output"), new("h.#.ln_2", "blk.#.ffn_norm"),
                new("h.#.mlp.w1", "blk.#.ffn_up"), new("h.#.mlp.w2", "blk.#.ffn_gate"), new("h.#.mlp.c_proj", "blk.#.ffn_down"),
            ])
            {
                PlainNorms = true,
                DefaultEpsilon = 1e-6,
            },
            "QWenLMHeadModel");
        Family.Add(
            new("internlm2", "model.",
            [
                new("tok_embeddings", "token_embd"), new("norm", "output_norm"), new("output", "output", Optional: true),
                new("layers.#.attention.wqkv", "blk.#.attn_q|blk.#.attn_k|blk.#.attn_v") { Make = Makings.PairedGroups },
                new("layers.#.attention.wo", "blk.#.attn_output"), new("layers.#.attention_norm", "blk.#.attn_norm"), new("layers.#.ffn_norm", "blk.#.ffn_norm"),
                new("layers.#.feed_forward.w1", "blk.#.ffn_gate"), new("layers.#.feed_forward.w3", "blk.#.ffn_up"), new("layers.#.feed_forward.w2", "blk.#.ffn_down"),
            ]),
            "InternLM2ForCausalLM");
        Family.Add(
            new("apertus", "model.", GatedDecoder.Whole(
            [
                .. GatedDecoder.Projections, .. GatedDecoder.HeadNorms(), new("attention_layernorm", "attn_norm"), new("feedforward_layernorm", "ffn_norm"),
                new("mlp.up_proj", "ffn_up"), new("mlp.down_proj", "ffn_down"),
            ]))
            {
                Takes = TakeSlope,
                DefaultTheta = 12_000_000,
            },
            "ApertusForCausalLM");
        Family.Add(
            new("bitnet", "model.", GatedDecoder.Gated(
                [.. GatedDecoder.Projections, .. GatedDecoder.Norms(), new("self_attn.attn_sub_norm", "attn_sub_norm"), new("mlp.ffn_sub_norm", "ffn_sub_norm"), .. Factors]))
            {
                Texts = [("hidden_act", "hidden_activation")],
                TiesByDefault = true,
            },
            "BitNetForCausalLM", "BitnetForCausalLM");
    }

    /// <summary>Slopes of the feed-forward function are numbers of layers, under keys that lack the architecture's name.</summary>
    private static bool TakeSlope(SafeTensor tensor, Metadata numbers, FolderSizes folder)
    {
        string[] parts = tensor.Name.Split('.');
        if (parts is not [.., "layers", var layer, "mlp", "act_fn", var slope] || !s_slopes.Contains(slope) || !int.TryParse(layer, out int at) || at < 0 || at >= folder.Shape.Layers)
            return false;
        double[] all = numbers.FindArray("xielu." + slope)?.Numbers() ?? new double[folder.Shape.Layers];
        all[at] = tensor.Values() is [var value, ..] ? value : throw new InvalidDataException($"Tensor '{tensor.Name}' is empty; expected a number.");
        numbers.Set("xielu." + slope, MetadataArray.Of(all));
        return true;
    }
}
