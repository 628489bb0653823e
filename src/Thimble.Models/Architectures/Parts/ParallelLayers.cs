using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Layers of attention and feed-forward side by side, both added to what they were given.</summary>
/// <param name="From">The file.</param>
/// <param name="Attention">The attention.</param>
internal sealed record ParallelLayers(Blueprint From, AttentionParts Attention)
{
    /// <summary>The feed-forward blocks.</summary>
    public FeedForwardParts FeedForward { get; init; } = new(From);

    /// <summary>A layer.</summary>
    public Layer At(int layer)
    {
        Norm first = From.Norm($"blk.{layer}.attn_norm");
        Norm? forAttention = From.FindNorm($"blk.{layer}.attn_norm_2"), forFeedForward = From.FindNorm($"blk.{layer}.ffn_norm");
        return new(new ParallelResidual(
            new Branch(forAttention ?? first, Attention.At(layer)), new Branch(forFeedForward ?? first, FeedForward.At(layer))));
    }
}
