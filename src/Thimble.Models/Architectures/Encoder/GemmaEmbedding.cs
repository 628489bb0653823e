using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>EmbeddingGemma: Gemma 3 whose tokens see all others, or those in a window around, without a head; the mean of
/// their vectors may go through further products.</summary>
/// <remarks>Source: Vera et al., "EmbeddingGemma", 2025, section 2.1.</remarks>
internal static class GemmaEmbedding
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("gemma-embedding", from =>
    {
        var local = LocalLayers.Read(from, period: 6);
        Rope far = RopeScaling.Read(from, adjacent: false), near = RopeScaling.ReadLocal(from, adjacent: false, scaled: false, 10_000);
        var attention = new AttentionParts(from)
        {
            Local = local is null ? null : local with { Around = true },
            Rope = layer => local?.Covers(layer) == true ? near : far,
            Causal = false,
        };
        var layers = new SequentialLayers(from, attention) { FeedForward = new(from) { Function = _ => Nonlinearity.Gelu }, NormsAfter = true };
        return new(new Embedding(from.Table(), MathF.Sqrt(from.Width)), from.Each(layers.At), from.Norm("output_norm"), null);
    });
}
