using System.Text.Json.Nodes;
using Thimble.Models.Files;
using Thimble.Tests.Models.Architectures;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>An encoder as GGUF, and written as its family's folder is published and read again: the same vectors, bit for bit.</summary>
public class EncoderFamilyTests
{
    private static readonly int[][] s_texts = [[.. Enumerable.Range(0, 30).Select(i => (i * 37) % TinyModel.Vocabulary)], [5, 6, 7]];

    private static readonly Dictionary<string, Func<PublishedFolder>> s_families = new()
    {
        ["bert"] = () => new("BertModel", Behind("bert").Attention().Plain().Tensor("position_embd.weight", TinyModel.Width, 256).Key("pooling_type", 2L))
        {
            Names =
            [
                ("token_embd", "embeddings.word_embeddings"), ("position_embd", "embeddings.position_embeddings"), ("token_types", "embeddings.token_type_embeddings"),
                ("token_embd_norm", "embeddings.LayerNorm"), ("attn_q", "encoder.layer.#.attention.self.query"), ("attn_k", "encoder.layer.#.attention.self.key"),
                ("attn_v", "encoder.layer.#.attention.self.value"), ("attn_output", "encoder.layer.#.attention.output.dense"),
                ("attn_output_norm", "encoder.layer.#.attention.output.LayerNorm"), ("ffn_up", "encoder.layer.#.intermediate.dense"),
                ("ffn_down", "encoder.layer.#.output.dense"), ("layer_output_norm", "encoder.layer.#.output.LayerNorm"),
            ],
            Fields = new() { ["layer_norm_eps"] = 1e-5, ["rms_norm_eps"] = null },
        },
        ["nomic-bert"] = () => new("NomicBertModel", Behind("nomic-bert").Fused().Gated().Key("rope.freq_base", 1000.0).Key("pooling_type", 2L))
        {
            Names =
            [
                ("token_embd", "embeddings.word_embeddings"), ("token_types", "embeddings.token_type_embeddings"), ("token_embd_norm", "emb_ln"),
                ("attn_qkv", "encoder.layers.#.attn.Wqkv"), ("attn_output", "encoder.layers.#.attn.out_proj"), ("attn_output_norm", "encoder.layers.#.norm1"),
                ("ffn_up", "encoder.layers.#.mlp.fc11"), ("ffn_gate", "encoder.layers.#.mlp.fc12"), ("ffn_down", "encoder.layers.#.mlp.fc2"),
                ("layer_output_norm", "encoder.layers.#.norm2"),
            ],
            Fields = new() { ["layer_norm_epsilon"] = 1e-5, ["rms_norm_eps"] = null, ["rope_theta"] = null, ["rotary_emb_base"] = 1000 },
        },
        ["modern-bert"] = () => new("ModernBertModel", new TinyModel("modern-bert", layers: 4, centred: true).Fused().Norms("ffn_norm").From(1, "attn_norm.weight", TinyModel.Width)
            .Each("ffn_up.weight", TinyModel.Width, 2 * TinyModel.Wide).Each("ffn_down.weight", TinyModel.Wide, TinyModel.Width).Tensor("token_embd_norm.weight", TinyModel.Width)
            .Key("rope.freq_base", 160000.0).Key("rope.freq_base_swa", 10000.0).Key("attention.sliding_window", 8L).Key("pooling_type", 2L))
        {
            Names =
            [
                ("token_embd", "model.embeddings.tok_embeddings"), ("token_embd_norm", "model.embeddings.norm"), ("output_norm", "model.final_norm"),
                ("attn_norm", "model.layers.#.attn_norm"), ("attn_qkv", "model.layers.#.attn.Wqkv"), ("attn_output", "model.layers.#.attn.Wo"),
                ("ffn_norm", "model.layers.#.mlp_norm"), ("ffn_up", "model.layers.#.mlp.Wi"), ("ffn_down", "model.layers.#.mlp.Wo"),
            ],
            Fields = new()
            {
                ["norm_eps"] = 1e-5,
                ["rms_norm_eps"] = null,
                ["rope_theta"] = null,
                ["global_rope_theta"] = 160000.0,
                ["local_rope_theta"] = 10000.0,
                ["local_attention"] = 8,
                ["global_attn_every_n_layers"] = 3,
            },
        },
    };

    public static TheoryData<string> Names => [.. s_families.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Folder_and_GGUF_give_the_same_vectors(string name)
    {
        PublishedFolder published = s_families[name]();
        using ModelFile ours = published.Model.File();
        using Scratch folder = published.Write(ours);
        Pool(folder, "pooling_mode_cls_token");
        using Runs one = new(ours), two = new(folder.Folder);
        Assert.Equal(ours.Architecture, two.File.Architecture);
        Assert.Equal(one.Vectors(s_texts), two.Vectors(s_texts));
    }

    [Fact]
    public void Unknown_poolings_are_refused()
    {
        PublishedFolder published = s_families["bert"]();
        using ModelFile ours = published.Model.File();
        using Scratch folder = published.Write(ours);
        Pool(folder, "pooling_mode_max_tokens");
        Assert.Contains("pooling_mode_mean_tokens", Assert.Throws<NotSupportedException>(() => ModelFile.Open(folder.Folder)).Message, StringComparison.Ordinal);
    }

    private static void Pool(Scratch folder, string mode)
    {
        Directory.CreateDirectory(folder["1_Pooling"]);
        File.WriteAllText(Path.Combine(folder["1_Pooling"], "config.json"), new JsonObject { ["word_embedding_dimension"] = TinyModel.Width, [mode] = true }.ToJsonString());
    }

    /// <summary>Norms behind the sums, and no last one.</summary>
    private static TinyModel Behind(string architecture) => new TinyModel(architecture, centred: true).Without("output_norm.weight").Norms("attn_output_norm", "layer_output_norm")
        .Each("attn_output_norm.bias", TinyModel.Width).Each("layer_output_norm.bias", TinyModel.Width).Tensor("token_embd_norm.weight", TinyModel.Width)
        .Tensor("token_embd_norm.bias", TinyModel.Width).Tensor("token_types.weight", TinyModel.Width, 2);
}

/// <summary>What several tiny encoders have.</summary>
internal static class TinyFusedAttention
{
    public static TinyModel Fused(this TinyModel model) => model.Each("attn_qkv.weight", TinyModel.Width, 128).Each("attn_output.weight", 64, TinyModel.Width);
}
