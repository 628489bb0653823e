using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>GPT-2: full attention, GELU, layer norms, learned positions.</summary>
/// <remarks>Source: Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3.</remarks>
internal static class Gpt2
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("gpt2", Build);

    private static Decoder Build(Blueprint from)
    {
        int heads = from.Count("attention.head_count"), size = from.Width / heads;
        var rule = new AttentionRule(1 / MathF.Sqrt(size));
        Weight table = from.Table();

        return new Decoder(
            new Embedding(table, Positions: from.Weight("position_embd.weight", columns: from.Width)),
            from.Each(i => Layer($"blk.{i}.")), from.Norm("output_norm"), new Head(from.HeadOver(table)));

        Layer Layer(string at) => new(
            new Residual(from.Norm(at + "attn_norm"), Attention(at)),
            new Residual(from.Norm(at + "ffn_norm"), FeedForward(at)));

        Mixer Attention(string at) => new GroupedAttention(
            from.Linear(at + "attn_qkv", 3 * from.Width, from.Width), from.Linear(at + "attn_output", from.Width, from.Width),
            heads, new HeadShape(heads, size, size), rule);

        Block FeedForward(string at) => new FeedForward(
            from.Linear(at + "ffn_up", columns: from.Width), from.Linear(at + "ffn_down", rows: from.Width), Nonlinearity.Gelu);
    }
}
