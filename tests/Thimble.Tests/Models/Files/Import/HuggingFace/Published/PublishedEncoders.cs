using System.Text.Json.Nodes;
using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>Encoders that llama.cpp has computed vectors of, as folders.</summary>
internal static class PublishedEncoders
{
    public static Dictionary<string, PublishedModel> All { get; } = new()
    {
        ["bert"] = new("XLMRobertaModel", Fields(new() { ["layer_norm_eps"] = 1e-5, ["pad_token_id"] = 1, ["max_position_embeddings"] = 130 })) { Back = new() { ["position_embd"] = Undo.After(2) } },
        ["bert-rank"] = new("BertForSequenceClassification", Fields(new() { ["layer_norm_eps"] = 1e-5 })),
        ["jina-bert-v2"] = new("JinaBertModel", Fields(new() { ["layer_norm_eps"] = 1e-5 })) { Back = new() { ["ffn_gate"] = Undo.Halves } },
        ["jina-bert-v2-code"] = new("JinaBertForMaskedLM", Fields(new() { ["layer_norm_eps"] = 1e-5 })) { Prefer = new() { ["ffn_up"] = "up_gated_layer", ["ffn_down"] = "down_layer", ["layer_output_norm"] = "layer_norm_2" } },
        ["jina-bert-v3"] = new("XLMRobertaModel", Fields(new() { ["layer_norm_eps"] = 1e-5, ["lora_adaptations"] = new JsonArray("query"), ["rotary_emb_base"] = 10000.0 })),
        ["gemma-embedding"] = new("Gemma3TextModel", Fields(new()
        {
            ["num_hidden_layers"] = 3,
            ["num_key_value_heads"] = 1,
            ["head_dim"] = 8,
            ["intermediate_size"] = 32,
            ["rms_norm_eps"] = 1e-5,
            ["sliding_window"] = 8,
            ["sliding_window_pattern"] = 3,
            ["rope_theta"] = 1e6,
            ["rope_local_base_freq"] = 10000.0,
            ["use_bidirectional_attention"] = true,
        }))
        {
            Prefix = "",
            Without = ["dense_"],
            Back = PublishedFixtures.LessOne("attn_norm", "ffn_norm", "post_attention_norm", "post_ffw_norm", "attn_q_norm", "attn_k_norm", "output_norm"),
        },
        ["modern-bert-rank"] = new("ModernBertForSequenceClassification", Fields(new()
        {
            ["num_hidden_layers"] = 4,
            ["norm_eps"] = 1e-5,
            ["global_rope_theta"] = 160000.0,
            ["local_attention"] = 8,
            ["global_attn_every_n_layers"] = 3,
            ["intermediate_size"] = 16,
            ["classifier_pooling"] = "mean",
        })),
        ["qwen3-embedding"] = new("Qwen3ForCausalLM", Fields(new() { ["rms_norm_eps"] = 1e-5, ["head_dim"] = 8, ["rope_theta"] = 1e6, ["tie_word_embeddings"] = true })) { Prefix = "" },
        ["t5encoder"] = new("T5EncoderModel", T5Fields(new() { ["d_ff"] = 48 })),
        ["t5encoder-gated"] = new("T5EncoderModel", T5Fields(new() { ["d_ff"] = 48 })) { Prefer = new() { ["ffn_up"] = "wi_1" } },
    };

    public static PublishedModel T5 { get; } = new("T5ForConditionalGeneration", T5Fields(new() { ["num_decoder_layers"] = 1, ["d_ff"] = 16, ["decoder_start_token_id"] = 0 }));

    /// <summary>Adds what stands in files of its own: the pooling, and products behind it.</summary>
    public static void AddFiles(string name, Scratch folder, ModelFile source)
    {
        string? mode = source.FindInt("pooling_type") switch { 1 => "pooling_mode_mean_tokens", 2 => "pooling_mode_cls_token", 3 => "pooling_mode_lasttoken", _ => null };
        if (mode is not null)
        {
            Directory.CreateDirectory(folder["1_Pooling"]);
            File.WriteAllText(Path.Combine(folder["1_Pooling"], "config.json"), new JsonObject { [mode] = true }.ToJsonString());
        }

        foreach (int number in source.TryGetTensor("dense_2.weight", out _) ? (int[])[2, 3] : [])
        {
            string inner = Directory.CreateDirectory(folder[$"{number}_Dense"]).FullName;
            StoredTensor tensor = source.Tensor($"dense_{number}.weight");
            File.WriteAllText(Path.Combine(inner, "config.json"), """{"activation_function":"torch.nn.modules.linear.Identity"}""");
            SafetensorsWriter.Write(Path.Combine(inner, "model.safetensors"), [new("linear.weight", "F32", [.. tensor.Shape.Reverse()], (byte[])[.. tensor.Values().SelectMany(BitConverter.GetBytes)])]);
        }
    }

    private static JsonObject Fields(JsonObject others)
    {
        JsonObject fields = new()
        {
            ["hidden_size"] = 32,
            ["intermediate_size"] = 48,
            ["num_hidden_layers"] = 2,
            ["num_attention_heads"] = 4,
            ["max_position_embeddings"] = 128,
            ["vocab_size"] = 64,
        };
        foreach ((string field, JsonNode? value) in others)
            fields[field] = value?.DeepClone();
        return fields;
    }

    private static JsonObject T5Fields(JsonObject others)
    {
        JsonObject fields = new()
        {
            ["d_model"] = 32,
            ["d_kv"] = 8,
            ["num_heads"] = 4,
            ["num_layers"] = 2,
            ["n_positions"] = 128,
            ["vocab_size"] = 64,
            ["layer_norm_epsilon"] = 1e-5,
            ["relative_attention_num_buckets"] = 32,
        };
        foreach ((string field, JsonNode? value) in others)
            fields[field] = value?.DeepClone();
        return fields;
    }
}
