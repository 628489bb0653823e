using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>The Llama line: grouped attention, SwiGLU, RMS norms, rotary positions. Its members differ in what their files
/// hold: Qwen2 has biases, Qwen3 query and key norms, the small ones tie the head to the embedding.</summary>
/// <remarks>Source: Touvron et al., "Llama 2", 2023, section 2.2; Yang et al., "Qwen3 Technical Report", 2025, section 2.
/// Tensor names are llama.cpp's.</remarks>
internal static class Llama
{
    [ModuleInitializer]
    internal static void Register()
    {
        Architectures.Add("llama", blueprint => Build(blueprint, adjacent: true));
        Architectures.Add("qwen2", blueprint => Build(blueprint, adjacent: false));
        Architectures.Add("qwen3", blueprint => Build(blueprint, adjacent: false));
    }

    private static Decoder Build(Blueprint from, bool adjacent)
    {
        int heads = from.Count("attention.head_count"), keyHeads = from.File.FindInt("attention.head_count_kv") ?? heads;
        int size = from.File.FindInt("attention.key_length") ?? (from.Width / heads);
        Rope rope = RopeScaling.Read(from, size, adjacent);
        var rule = new AttentionRule(1 / MathF.Sqrt(size));
        Weight table = from.Table();

        return new Decoder(
            new Embedding(table), from.Each(i => Layer($"blk.{i}.")), from.Norm("output_norm"), new Head(from.HeadOver(table)));

        Layer Layer(string at) => new(
            new Residual(from.Norm(at + "attn_norm"), Attention(at)),
            new Residual(from.Norm(at + "ffn_norm"), FeedForward(at)));

        Mixer Attention(string at) => new GroupedAttention(
            Linear.Stack(
                from.Linear(at + "attn_q", heads * size, from.Width),
                from.Linear(at + "attn_k", keyHeads * size, from.Width),
                from.Linear(at + "attn_v", keyHeads * size, from.Width)),
            from.Linear(at + "attn_output", from.Width, heads * size),
            heads, new HeadShape(keyHeads, size, size), rule, rope, from.FindNorm(at + "attn_q_norm"), from.FindNorm(at + "attn_k_norm"));

        Block FeedForward(string at) => new GatedFeedForward(
            Linear.Stack(from.Linear(at + "ffn_gate", columns: from.Width), from.Linear(at + "ffn_up", columns: from.Width)),
            from.Linear(at + "ffn_down", rows: from.Width), Nonlinearity.Silu);
    }
}
