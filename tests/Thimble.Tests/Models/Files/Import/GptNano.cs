using System.Text.Json;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Models.Files;

namespace Thimble.Tests.Models.Files.Import;

/// <summary>minGPT's sorting model from JSON, as architecture <c>gpt2</c>: layer norms, tanh GELU, learned positions, own head.</summary>
/// <remarks>minGPT's matrices are linear layers, [outputs][inputs] already, unlike GPT-2's; nothing is turned.</remarks>
internal static class GptNano
{
    private static readonly (string Theirs, string Ours)[] s_names =
    [
        ("transformer.wte", "token_embd"), ("transformer.wpe", "position_embd"), ("transformer.ln_f", "output_norm"), ("lm_head", "output"),
        ("ln_1", "attn_norm"), ("attn.c_attn", "attn_qkv"), ("attn.c_proj", "attn_output"), ("ln_2", "ffn_norm"), ("mlp.c_fc", "ffn_up"), ("mlp.c_proj", "ffn_down"),
    ];

    public static ModelFile Open() => Open(Golden.Path("gpt-nano-sort/gpt-nano-sort-model.json"));

    public static ModelFile Open(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement config = json.RootElement.GetProperty("config");
        int width = Size("n_embd"), heads = Size("n_head");
        ArchitectureKeys keys = new ArchitectureKeys("gpt2", path, fileType: 0)
            .Add("vocab_size", Size("vocab_size")).Add("context_length", Size("block_size")).Add("embedding_length", width)
            .Add("block_count", Size("n_layer")).Add("feed_forward_length", 4 * width)
            .Add("attention.head_count", heads).Add("attention.head_count_kv", heads).Add("attention.layer_norm_epsilon", 1e-5);
        keys.Metadata.Add("tokenizer.ggml.model", "no_vocab");

        List<StoredTensor> tensors = [];
        foreach (JsonProperty entry in json.RootElement.EnumerateObject().Where(entry => entry.Name != "config" && !entry.Name.EndsWith(".attn.bias", StringComparison.Ordinal)))
        {
            (long[] shape, float[] values) = Read(entry.Value);
            var memory = new Allocation(4L * values.Length);
            values.CopyTo(memory.Floats);
            tensors.Add(new(Name(entry.Name), BlockFormats.Named("F32"), [.. shape.Reverse()], () => memory.Region));
        }

        return new(path, keys.Metadata, tensors);

        int Size(string key) => config.GetProperty(key).GetInt32();
    }

    /// <summary>Shape as stored, slowest dimension first, and values of a tensor given as base64.</summary>
    public static (long[] Shape, float[] Values) Read(JsonElement tensor)
    {
        byte[] bytes = tensor.GetProperty("data").GetBytesFromBase64();
        float[] values = new float[bytes.Length / 4];
        Buffer.BlockCopy(bytes, 0, values, 0, bytes.Length);
        return ([.. tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())], values);
    }

    private static string Name(string theirs)
    {
        int dot = theirs.LastIndexOf('.');
        string[] parts = theirs[..dot].Split('.', 4);
        return parts is ["transformer", "h", var layer, var rest] ? $"blk.{layer}.{Ours(rest)}{theirs[dot..]}" : Ours(theirs[..dot]) + theirs[dot..];
    }

    private static string Ours(string theirs) => s_names.Single(pair => pair.Theirs == theirs).Ours;
}
