using System.Runtime.CompilerServices;

namespace Thimble.Models.Files;

/// <summary>RoBERTa and XLM-RoBERTa, Jina's second and third, and rerankers of BERT and its kin: an encoder with a head of classes.</summary>
/// <remarks>Source: Hugging Face transformers, <c>modeling_xlm_roberta</c> and <c>modeling_bert</c>; Jina's <c>modeling_bert</c> and
/// <c>modeling_lora</c>; llama.cpp, <c>conversion/bert.py</c>.</remarks>
internal static class RobertaFamilies
{
    [ModuleInitializer]
    internal static void Register()
    {
        TensorName[] layer =
        [
            new("attention.self.query", "attn_q"), new("attention.self.key", "attn_k"), new("attention.self.value", "attn_v"), new("attention.output.dense", "attn_output"),
            new("attention.output.LayerNorm", "attn_output_norm"), new("intermediate.dense", "ffn_up"), new("output.dense", "ffn_down"), new("output.LayerNorm", "layer_output_norm"),
        ];
        TensorName[] table = [.. Table, new("embeddings.position_embeddings", "position_embd") { Make = Makings.WithoutPadding }, .. layer.Select(name => name.In("encoder.layer.#."))];
        string[] unused = [".position_ids", "lm_head.dense.weight", "lm_head.dense.bias", "lm_head.layer_norm.weight", "lm_head.layer_norm.bias", "lm_head.bias", "lm_head.decoder.weight", "lm_head.decoder.bias"];
        Family roberta = new("bert", "roberta.", table) { Ignored = [.. unused, "pooler.dense.weight", "pooler.dense.bias"], Rotates = false, PlainNorms = false, DefaultEpsilon = 1e-5, Says = CountPositions };
        Family.Add(roberta, "RobertaModel", "RobertaForMaskedLM", "XLMRobertaForMaskedLM");
        Family.Add(roberta with { Variant = config => config.FindElement("lora_adaptations") is null ? roberta : Jina3() }, "XLMRobertaModel");
        Family.Add(
            roberta with { Tensors = [.. table, new("classifier.dense", "cls"), new("classifier.out_proj", "cls.output")], Says = Ranks },
            "RobertaForSequenceClassification", "XLMRobertaForSequenceClassification");
        Family.Add(
            new("bert", "bert.",
            [
                .. Table, new("embeddings.position_embeddings", "position_embd"), new("pooler.dense", "cls"), new("classifier", "cls.output"), .. layer.Select(name => name.In("encoder.layer.#.")),
            ])
            {
                Ignored = [".position_ids"],
                Rotates = false,
                Says = (keys, _) => keys.Set("pooling_type", 4),
            },
            "BertForSequenceClassification");
        Family.Add(Jina2(), "JinaBertForMaskedLM", "JinaBertModel", "JinaBertForSequenceClassification");
    }

    private static TensorName[] Table { get; } =
    [
        new("embeddings.word_embeddings", "token_embd"), new("embeddings.token_type_embeddings", "token_types", Optional: true), new("embeddings.LayerNorm", "token_embd_norm"),
    ];

    private static Family Jina2() => new("jina-bert-v2", "bert.",
    [
        .. Table, new("classifier", "cls.output", Optional: true), new("pooler.dense", "cls", Optional: true),
        .. new TensorName[]
        {
            new("attention.self.query", "attn_q"), new("attention.self.key", "attn_k"), new("attention.self.value", "attn_v"), new("attention.output.dense", "attn_output"),
            new("attention.self.layer_norm_q", "attn_q_norm", Optional: true), new("attention.self.layer_norm_k", "attn_k_norm", Optional: true),
            new("attention.output.LayerNorm", "attn_output_norm", Optional: true), new("layer_norm_1", "attn_norm_2", Optional: true),
            new("mlp.gated_layers", "ffn_gate|blk.#.ffn_up", Optional: true) { Make = Makings.Half }, new("mlp.up_gated_layer", "ffn_up", Optional: true), new("mlp.wo", "ffn_down", Optional: true), new("mlp.down_layer", "ffn_down", Optional: true),
            new("mlp.layernorm", "layer_output_norm", Optional: true), new("layer_norm_2", "layer_output_norm", Optional: true),
        }.Select(name => name.In("encoder.layer.#.")),
    ])
    {
        Ignored = [".position_ids", "cls.predictions.decoder.weight", "cls.predictions.decoder.bias", "cls.predictions.bias", "predictions.transform.dense.weight", "predictions.transform.dense.bias",
            "predictions.transform.LayerNorm.weight", "predictions.transform.LayerNorm.bias"],
        Rotates = false,
        PlainNorms = false,
        DefaultEpsilon = 1e-12,
        Says = (keys, folder) =>
        {
            if (folder.Config.FindTexts("architectures") is [var name, ..] && name.EndsWith("SequenceClassification", StringComparison.Ordinal))
                keys.Set("pooling_type", 4);
        },
    };

    /// <summary>The third Jina, without the adapters of its tasks.</summary>
    private static Family Jina3() => new("jina-bert-v3", "roberta.",
    [
        Original("embeddings.word_embeddings", "token_embd"), Original("embeddings.token_type_embeddings", "token_types"), new("emb_ln", "token_embd_norm"),
        new("embeddings.word_embeddings", "token_embd", Optional: true), new("embeddings.token_type_embeddings", "token_types", Optional: true),
        .. Both("mixer.Wqkv", "attn_qkv"), .. Both("mixer.out_proj", "attn_output"), .. Both("mlp.fc1", "ffn_up"), .. Both("mlp.fc2", "ffn_down"),
        new("encoder.layers.#.norm1", "blk.#.attn_output_norm"), new("encoder.layers.#.norm2", "blk.#.layer_output_norm"),
    ])
    {
        Ignored = [".lora_A", ".lora_B", "pooler.dense.weight", "pooler.dense.bias", "pooler.dense.parametrizations.weight.original"],
        DefaultTheta = 20_000,
        PlainNorms = false,
        DefaultEpsilon = 1e-5,
    };

    private static IEnumerable<TensorName> Both(string theirs, string ours) =>
        [Original($"encoder.layers.#.{theirs}", $"blk.#.{ours}"), new($"encoder.layers.#.{theirs}", $"blk.#.{ours}", Optional: true)];

    private static TensorName Original(string theirs, string ours) => new(theirs + ".parametrizations.weight.original", ours + ".weight", Optional: true) { Whole = true };

    private static void Ranks(ArchitectureKeys keys, FolderSizes folder)
    {
        CountPositions(keys, folder);
        keys.Set("pooling_type", 4);
    }

    private static void CountPositions(ArchitectureKeys keys, FolderSizes folder) =>
        keys.Set("context_length", folder.Config.Size("max_position_embeddings") - 1 - (folder.Config.FindInteger("pad_token_id") ?? 1));
}
