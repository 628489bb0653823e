using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>A Llama-like decoder with per-layer embeddings, as small devices run it: most parameters are looked up, not multiplied.</summary>
/// <remarks>Source: Sierbov, "esp32-ai", 2026; per-layer embeddings are Gemma 3n's.</remarks>
internal static class Ple
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("ple", Build);

    private static Decoder Build(Blueprint from)
    {
        int heads = from.Count("attention.head_count"), size = from.Width / heads, small = from.Count("embedding_length_per_layer_input");
        Rope rope = RopeScaling.Read(from, size, adjacent: false);
        var rule = new AttentionRule(1 / MathF.Sqrt(size));
        Weight table = from.Table();
        var inputs = new PerLayerInputs(
            from.Linear("per_layer_model_proj", from.Layers * small, from.Width), from.Norm("per_layer_proj_norm"),
            from.Weight("per_layer_token_embd.weight", table.Rows, from.Layers * small), small);

        return new Decoder(
            new Embedding(table), from.Each(i => Layer(i, $"blk.{i}.")), from.Norm("output_norm"), new Head(from.HeadOver(table)), inputs);

        Layer Layer(int i, string at) => new(
            new Residual(from.Norm(at + "attn_norm"), Attention(at)),
            new Residual(from.Norm(at + "ffn_norm"), FeedForward(at)),
            new Residual(null, Injection(i, at), After: from.Norm(at + "post_norm")));

        Mixer Attention(string at) => new GroupedAttention(
            from.Linear(at + "attn_qkv", 3 * from.Width, from.Width), from.Linear(at + "attn_output", from.Width, from.Width),
            heads, new HeadShape(heads, size, size), rule, rope);

        Block FeedForward(string at) => new GatedFeedForward(
            Linear.Stack(from.Linear(at + "ffn_gate", columns: from.Width), from.Linear(at + "ffn_up", columns: from.Width)),
            from.Linear(at + "ffn_down", rows: from.Width), Nonlinearity.Silu);

        Block Injection(int i, string at) => new PerLayerEmbedding(
            inputs, i, from.Linear(at + "inp_gate", small, from.Width), from.Linear(at + "proj", from.Width, small), Nonlinearity.GeluErf);
    }
}
