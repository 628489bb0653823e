using Thimble.Models.Blocks;

namespace Thimble.Models.Architectures;

/// <summary>Layers of attention, then feed-forward, each added to what it was given: the shape of most models.</summary>
/// <param name="From">The file.</param>
/// <param name="Attention">The attention.</param>
internal sealed record SequentialLayers(Blueprint From, AttentionParts Attention)
{
    /// <summary>The feed-forward blocks.</summary>
    public FeedForwardParts FeedForward { get; init; } = new(From);

    /// <summary>What a layer has in attention's place; null where it attends.</summary>
    public Func<int, Mixer?> Instead { get; init; } = _ => null;

    /// <summary>Whether inputs are normalised.</summary>
    public bool NormsBefore { get; init; } = true;

    /// <summary>Whether outcomes are normalised.</summary>
    public bool NormsAfter { get; init; }

    /// <summary>The name of the norm before feed-forward.</summary>
    public string FeedForwardNorm { get; init; } = "ffn_norm";

    /// <summary>The norm of all inputs, where the file has none; null if it has.</summary>
    public Norm? Plain { get; init; }

    /// <summary>Factor on what is added.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>A layer.</summary>
    public Layer At(int layer)
    {
        string at = $"blk.{layer}.";
        return new(
            new Residual(Before(at + "attn_norm"), Mixer(layer), After(at + "post_attention_norm"), Scale),
            new Residual(Before(at + FeedForwardNorm), FeedForward.At(layer), After(at + "post_ffw_norm"), Scale));
    }

    private Mixer Mixer(int layer)
    {
        if (Instead(layer) is not { } mixer)
            return Attention.At(layer);
        return new HeadCounts(From).Listed(layer) is > 0 and var heads
            ? throw From.Wrong("attention.head_count_kv", heads, $"0 in layer {layer}, whose tensors are those of a recurrent layer")
            : mixer;
    }

    private Norm? Before(string name) => Plain ?? (NormsBefore ? From.Norm(name) : null);

    private Norm? After(string name) => NormsAfter ? From.Norm(name) : null;
}
