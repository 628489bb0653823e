using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>T5, mT5 and their encoders alone: what attends to what stands in numbered parts of a layer.</summary>
/// <remarks>Source: Hugging Face transformers, <c>modeling_t5</c>, whose first models, with one matrix for embedding and head, divide what the head
/// is given by √width.</remarks>
internal static class T5Family
{
    [ModuleInitializer]
    internal static void Register()
    {
        TensorName[] ends = [new("shared", "token_embd"), new("encoder.embed_tokens", "token_embd", Optional: true), new("encoder.final_layer_norm", "enc.output_norm")];
        TensorName[] reader = [.. Stack("encoder.block.#.", "enc.blk.#.", 1)];
        TensorName[] writer =
        [
            .. Stack("decoder.block.#.", "dec.blk.#.", 2), .. Attention("decoder.block.#.layer.1.EncDecAttention.", "dec.blk.#.cross_attn_"),
            new("decoder.block.#.layer.1.layer_norm", "dec.blk.#.cross_attn_norm"),
        ];
        (string, string)[] numbers = [("relative_attention_num_buckets", "attention.relative_buckets_count"), ("num_decoder_layers", "decoder_block_count"), ("decoder_start_token_id", "decoder_start_token_id")];
        Family both = new("t5", "",
        [
            .. ends.Take(1), .. ends.Skip(2), new("decoder.final_layer_norm", "dec.output_norm"), new("lm_head", "output", Optional: true), .. reader,
            .. writer.Select(name => name with { Optional = true }),   // it may have fewer layers
        ])
        {
            Ignored = ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "EncDecAttention.relative_attention_bias.weight"],
            Rotates = false,
            TiesByDefault = true,
            PlainNorms = true,
            DefaultEpsilon = 1e-6,
            Numbers = numbers,
            Says = (keys, folder) =>
            {
                if (folder.Config.FindFlag("tie_word_embeddings") ?? true)
                    keys.Add("logit_scale", 1 / Math.Sqrt(folder.Shape.Width));
            },
        };
        Family.Add(both, "T5ForConditionalGeneration", "T5WithLMHeadModel", "MT5ForConditionalGeneration", "UMT5ForConditionalGeneration");
        Family.Add(new Family("t5encoder", "", [.. ends.Take(1), .. ends.Skip(2), .. reader])
        {
            Ignored = ["encoder.embed_tokens.weight"],
            Rotates = false,
            TiesByDefault = true,
            PlainNorms = true,
            DefaultEpsilon = 1e-6,
            Numbers = numbers[..1],
        }, "T5EncoderModel", "MT5EncoderModel");
    }

    private static IEnumerable<TensorName> Stack(string theirs, string ours, int feeds) =>
    [
        .. Attention(theirs + "layer.0.SelfAttention.", ours + "attn_"), new(theirs + "layer.0.SelfAttention.relative_attention_bias", ours + "attn_rel_b", Optional: true),
        new(theirs + "layer.0.layer_norm", ours + "attn_norm"), new($"{theirs}layer.{feeds}.layer_norm", ours + "ffn_norm"),
        new($"{theirs}layer.{feeds}.DenseReluDense.wi", ours + "ffn_up", Optional: true), new($"{theirs}layer.{feeds}.DenseReluDense.wi_0", ours + "ffn_gate", Optional: true),
        new($"{theirs}layer.{feeds}.DenseReluDense.wi_1", ours + "ffn_up", Optional: true), new($"{theirs}layer.{feeds}.DenseReluDense.wo", ours + "ffn_down"),
    ];

    private static IEnumerable<TensorName> Attention(string theirs, string ours) => "qkvo".Select(what => new TensorName(theirs + what, ours + what));
}
