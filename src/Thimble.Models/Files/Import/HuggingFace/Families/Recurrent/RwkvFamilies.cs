using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>RWKV 6 and 7, which store matrices of low rank the other way round, or not, and shares of the past one by one.</summary>
/// <remarks>Source: RWKV's own <c>modeling_rwkv6</c>; flash-linear-attention, <c>modeling_rwkv7</c>; llama.cpp, <c>conversion/rwkv.py</c>.</remarks>
internal static class RwkvFamilies
{
    private const string Sixth = "wkvrg", Seventh = "rwkvag";   // in this order lie the shares

    [ModuleInitializer]
    internal static void Register()
    {
        Family.Add(
            new("rwkv6", "rwkv.",
            [
                new("embeddings", "token_embd"), new("blocks.#.pre_ln", "token_embd_norm"), new("ln_out", "output_norm"), new("head", "output"),
                .. LayersOf6().Select(name => name.In("blocks.#.")),
            ])
            {
                Attends = false,
                Rotates = false,
                PlainNorms = false,
                DefaultEpsilon = 1e-5,
                Numbers = [("head_size", "wkv.head_size"), ("rescale_every", "rescale_every_n_layers")],
                Says = (keys, folder) => keys.Set("feed_forward_length", folder.Config.FindInteger("intermediate_size") ?? (folder.Shape.Width * 7 / 2 / 32 * 32)),
            },
            "Rwkv6ForCausalLM");
        Family.Add(
            new("rwkv7", "model.",
            [
                new("embeddings", "token_embd"), new("layers.#.pre_norm", "token_embd_norm"), new("norm", "output_norm"), new("lm_head", "output", Optional: true),
                .. LayersOf7().Select(name => name.In("layers.#.")),
            ])
            {
                Attends = false,
                Rotates = false,
                PlainNorms = false,
                DefaultEpsilon = 1e-5,
                Numbers = [("head_dim", "wkv.head_size"), ("head_size", "wkv.head_size")],
            },
            "RWKV7ForCausalLM", "Rwkv7ForCausalLM");
    }

    private static IEnumerable<TensorName> LayersOf6() =>
    [
        new("ln1", "attn_norm"), new("ln2", "attn_norm_2"), new("attention.ln_x", "time_mix_ln"),
        Vector("attention.time_maa_x", "time_mix_lerp_x"), .. Sixth.Select((mix, at) => Vector($"attention.time_maa_{mix}", "time_mix_lerp_fused") with { Place = at }),
        new("attention.time_maa_w1", "time_mix_w1.weight", Change.Turn) { Whole = true }, new("attention.time_maa_w2", "time_mix_w2.weight", Change.Turn) { Whole = true },
        Vector("attention.time_decay", "time_mix_decay"), Vector("attention.time_faaaa", "time_mix_first"),
        new("attention.time_decay_w1", "time_mix_decay_w1.weight", Change.Turn) { Whole = true }, new("attention.time_decay_w2", "time_mix_decay_w2.weight", Change.Turn) { Whole = true },
        new("attention.receptance", "time_mix_receptance"), new("attention.key", "time_mix_key"), new("attention.value", "time_mix_value"), new("attention.gate", "time_mix_gate"),
        new("attention.output", "time_mix_output") { Make = Halved }, Vector("feed_forward.time_maa_k", "channel_mix_lerp_k"), Vector("feed_forward.time_maa_r", "channel_mix_lerp_r"),
        new("feed_forward.key", "channel_mix_key"), new("feed_forward.receptance", "channel_mix_receptance"), new("feed_forward.value", "channel_mix_value") { Make = Halved },
    ];

    private static IEnumerable<TensorName> LayersOf7() =>
    [
        new("attn_norm", "attn_norm"), new("ffn_norm", "attn_norm_2"), new("attn.g_norm", "time_mix_ln"),
        .. Seventh.Select((mix, at) => Vector($"attn.x_{mix}", "time_mix_lerp_fused") with { Place = at }),
        new("attn.r_proj", "time_mix_receptance"), new("attn.k_proj", "time_mix_key"), new("attn.v_proj", "time_mix_value"), new("attn.o_proj", "time_mix_output"),
        .. "wavg".SelectMany(what => (TensorName[])
        [
            new($"attn.{what}_lora.lora.0", $"time_mix_{what}1", Optional: true), new($"attn.{what}_lora.lora.2.weight", $"time_mix_{what}2.weight", Optional: true) { Whole = true },
            new($"attn.{what}_lora.lora.2.bias", $"time_mix_{what}0.weight", Optional: true) { Whole = true },
        ]),
        Vector("attn.k_k", "time_mix_k_k"), Vector("attn.k_a", "time_mix_k_a"), Vector("attn.r_k", "time_mix_r_k"),
        Vector("ffn.x_k", "channel_mix_lerp_k"), new("ffn.key", "channel_mix_key"), new("ffn.value", "channel_mix_value"),
    ];

    private static TensorName Vector(string theirs, string ours) => new(theirs, ours + ".weight") { Whole = true, Make = Makings.Flat };

    /// <summary>Halved every few layers, as the stream of values will be, lest halves overflow.</summary>
    private static StoredTensor Halved(StoredTensor stored, int part, FolderSizes folder) => folder.Config.FindInteger("rescale_every") is > 0 and var every
        ? Makings.Times((_, _) => Math.Pow(2, -(folder.Layer / every)))(stored, part, folder)
        : stored;
}
