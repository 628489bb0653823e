using System.Runtime.CompilerServices;
using Thimble.Compute.Kernels;
using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>ModernBERT: norms before, gated feed-forward, and of three layers two that see only a window around each token, which
/// turn by a base of their own.</summary>
/// <remarks>Source: Warner et al., "Smarter, Better, Faster, Longer", 2024, section 2.1.</remarks>
internal static class ModernBert
{
    [ModuleInitializer]
    internal static void Register() => Architectures.Add("modern-bert", Build);

    private static Decoder Build(Blueprint from)
    {
        var local = LocalLayers.Read(from, period: 3, wideFirst: true);
        Rope far = RopeScaling.Read(from, adjacent: false), near = RopeScaling.ReadLocal(from, adjacent: false, scaled: false, 10_000);
        var attention = new AttentionParts(from)
        {
            Local = local is null ? null : local with { Around = true },
            Rope = layer => local?.Covers(layer) == true ? near : far,
            Causal = from.File.FindFlag("attention.causal") ?? false,
        };
        Nonlinearity function = from.File.FindText("hidden_activation") is "silu" or "swiglu" ? Nonlinearity.Silu : Nonlinearity.Gelu;
        var feedForward = new FeedForwardParts(from) { Function = _ => function };
        var embedding = new Embedding(from.Table(), Norm: from.Norm("token_embd_norm"));
        return new(embedding, from.Each(layer => Layer(from, layer, attention, feedForward)), from.Norm("output_norm"), null)
        {
            Pooling = new PoolingParts(from) { Ranked = PoolingKind.Mean, Function = Nonlinearity.Gelu }.Read(),
        };
    }

    private static Layer Layer(Blueprint from, int layer, AttentionParts attention, FeedForwardParts feedForward)
    {
        // What enters the first layer has just been normalised.
        Norm? first = layer == 0 ? from.FindNorm("blk.0.attn_norm") : from.Norm($"blk.{layer}.attn_norm");
        return new(
            new Residual(first, attention.At(layer)),
            new Residual(from.Norm($"blk.{layer}.ffn_norm"), feedForward.At(layer)));
    }
}
