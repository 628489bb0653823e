using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>BERT, Nomic's BERT and ModernBERT. What a folder has beside the encoder, to guess words that were left out, is not read.</summary>
/// <remarks>Source: llama.cpp, <c>conversion/bert.py</c>; Hugging Face transformers, <c>modeling_bert</c> and <c>modeling_modernbert</c>.</remarks>
internal static class EncoderFamilies
{
    [ModuleInitializer]
    internal static void Register()
    {
        string[] guesses = ["transform.dense.weight", "transform.dense.bias", "transform.LayerNorm.weight", "transform.LayerNorm.bias", "decoder.weight", "decoder.bias", "predictions.bias"];
        Family.Add(
            new("bert", "bert.",
            [
                new("embeddings.word_embeddings", "token_embd"), new("embeddings.position_embeddings", "position_embd"),
                new("embeddings.token_type_embeddings", "token_types", Optional: true), new("embeddings.LayerNorm", "token_embd_norm"),
                .. Layer("encoder.layer.#.", new("attention.self.query", "attn_q"), new("attention.self.key", "attn_k"), new("attention.self.value", "attn_v"),
                    new("attention.output.dense", "attn_output"), new("attention.output.LayerNorm", "attn_output_norm"), new("intermediate.dense", "ffn_up"),
                    new("output.dense", "ffn_down"), new("output.LayerNorm", "layer_output_norm")),
            ])
            {
                Ignored = [".position_ids", "pooler.dense.weight", "pooler.dense.bias", "seq_relationship.weight", "seq_relationship.bias", .. guesses],
                Rotates = false,
            },
            "BertModel", "BertForMaskedLM");
        Family.Add(
            new("nomic-bert", "",
            [
                new("embeddings.word_embeddings", "token_embd"), new("embeddings.token_type_embeddings", "token_types", Optional: true), new("emb_ln", "token_embd_norm"),
                .. Layer("encoder.layers.#.", new("attn.Wqkv", "attn_qkv"), new("attn.out_proj", "attn_output"), new("norm1", "attn_output_norm"),
                    new("mlp.fc11", "ffn_up"), new("mlp.fc12", "ffn_gate"), new("mlp.fc2", "ffn_down"), new("norm2", "layer_output_norm")),
            ]),
            "NomicBertModel");
        Family.Add(
            new("modern-bert", "model.",
            [
                new("embeddings.tok_embeddings", "token_embd"), new("embeddings.norm", "token_embd_norm"), new("final_norm", "output_norm"),
                .. Layer("layers.#.", new("attn_norm", "attn_norm", Optional: true), new("attn.Wqkv", "attn_qkv"), new("attn.Wo", "attn_output"),
                    new("mlp_norm", "ffn_norm"), new("mlp.Wi", "ffn_up"), new("mlp.Wo", "ffn_down")),
            ])
            {
                Ignored = ["head.dense.weight", "head.norm.weight", .. guesses],
                Numbers = [("local_attention", "attention.sliding_window"), ("global_attn_every_n_layers", "attention.sliding_window_pattern")],
                DefaultTheta = 160_000,
            },
            "ModernBertModel", "ModernBertForMaskedLM");
        var modern = Family.Of("", "ModernBertModel");
        Family.Add(
            modern with
            {
                Tensors = [.. modern.Tensors, new("head.dense", "cls"), new("head.norm", "cls.norm"), new("classifier", "cls.output")],
                Ignored = guesses,
                Says = (keys, folder) => keys.Set("pooling_type", folder.Config.FindText("classifier_pooling") is null or "mean"
                    ? 4
                    : throw new NotSupportedException($"'{folder.Config.Path}': classifier_pooling is '{folder.Config.FindText("classifier_pooling")}'; known: mean.")),
            },
            "ModernBertForSequenceClassification");
    }

    private static IEnumerable<TensorName> Layer(string at, params TensorName[] names) =>
        names.Select(name => name.In(at));
}
