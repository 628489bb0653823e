using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>T5: an encoder reads the prompt, a decoder that attends to it writes the answer.</summary>
/// <remarks>Source: Raffel et al., "Exploring the Limits of Transfer Learning", 2020, section 2.1; gated feed-forward blocks:
/// Chung et al., "Scaling Instruction-Finetuned Language Models", 2022.</remarks>
internal static class T5
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("t5", Build);

    private static Decoder Build(Blueprint from)
    {
        Weight table = from.Table();
        var reading = new T5Layers(from, "enc.", Causal: false);
        var writing = new T5Layers(from, "dec.", Causal: true);
        int layers = from.File.FindInt("decoder_block_count") ?? from.Layers;
        List<CrossAttention> crossings = [];
        Decoder encoder = new(
            new Embedding(table), [.. Enumerable.Range(0, from.Layers).Select(layer => new Layer(reading.Attention(layer), reading.FeedForward(layer)))],
            from.Norm("enc.output_norm"), null);
        return new(new Embedding(table), [.. Enumerable.Range(0, layers).Select(Written)], from.Norm("dec.output_norm"), new Head(from.HeadOver(table), from.Setting("logit_scale") ?? 1))
        {
            Reader = new(encoder, crossings, from.File.FindInt("decoder_start_token_id") ?? 0),
        };

        Layer Written(int layer) => new(writing.Attention(layer), Crossing(from, layer, crossings), writing.FeedForward(layer));
    }

    private static Residual Crossing(Blueprint from, int layer, List<CrossAttention> all)
    {
        string at = $"dec.blk.{layer}.cross_attn_";
        var counts = new HeadCounts(from);
        int heads = counts.Heads(0);
        var keys = new HeadShape(counts.KeyHeads(0), counts.KeySize, counts.ValueSize);
        var kept = Linear.Stack(
            from.Linear(at + "k", keys.Heads * keys.KeySize, from.Width), from.Linear(at + "v", keys.Heads * keys.ValueSize, from.Width));
        var crossing = new CrossAttention(
            from.Linear(at + "q", heads * keys.KeySize, from.Width), kept, from.Linear(at + "o", from.Width, heads * keys.ValueSize),
            heads, keys, new AttentionRule(1, Causal: false))
        {
            Number = all.Count,
        };
        all.Add(crossing);
        return new(from.Norm(at + "norm"), crossing);
    }
}
