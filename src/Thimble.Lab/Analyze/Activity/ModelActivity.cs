using System.Collections.Immutable;

namespace Thimble.Lab.Analyze;

/// <summary>How much of a model is at work while it reads a text, and how well parts of it foretell what the whole says.</summary>
/// <param name="Tokens">Tokens read.</param>
/// <param name="Perplexity">Of the text under the whole model.</param>
/// <param name="BytesPerToken">Bytes of weights that a token meets; of experts, those that are chosen.</param>
/// <param name="Bytes">Bytes of all weights.</param>
/// <param name="Layers">Of each layer with a feed-forward block: what of it is at work.</param>
/// <param name="Exits">Early exits, in the order they were asked for.</param>
/// <param name="Heads">Heads that look further ahead, the nearest first.</param>
public sealed record ModelActivity(
    long Tokens, double Perplexity, long BytesPerToken, long Bytes, ImmutableArray<LayerActivity> Layers, ImmutableArray<Foresight> Exits, ImmutableArray<Foresight> Heads)
{
    /// <summary>Share of the features inside feed-forward blocks that were nothing; NaN where there are none.</summary>
    public double Sparsity => Layers.Sum(layer => layer.Features) is > 0 and var all ? (double)Layers.Sum(layer => layer.Nothing) / all : double.NaN;

    /// <summary>Lets a model read.</summary>
    /// <param name="model">The model; null for the one inside the library.</param>
    /// <param name="text">The text, of a window at least.</param>
    /// <param name="options">Windows, exits and heads.</param>
    /// <param name="cancellationToken">Ends it between two windows.</param>
    /// <exception cref="ArgumentException">The text does not fill a window, or a layer is not there.</exception>
    /// <exception cref="FileNotFoundException">The model or the heads are not there.</exception>
    /// <exception cref="NotSupportedException">The model scores no tokens.</exception>
    public static ModelActivity Measure(string? model, string text, ActivityOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(options);
        using var reading = new ActivityReading(model, options);
        return reading.Run(text, cancellationToken);
    }
}

/// <summary>What of a layer's feed-forward block is at work.</summary>
/// <param name="Layer">From 1 on.</param>
/// <param name="Nothing">Features inside it that were nothing, over all tokens.</param>
/// <param name="Features">All features, over all tokens.</param>
/// <param name="Experts">Of each expert, the share of all choices that fell on it; empty where there are none.</param>
public sealed record LayerActivity(int Layer, long Nothing, long Features, ImmutableArray<double> Experts);

/// <summary>How well a part of a model foretells.</summary>
/// <param name="Name">The part.</param>
/// <param name="Agreed">Share of places at which its likeliest token is the whole model's.</param>
/// <param name="Right">Share of places at which it is the text's.</param>
/// <param name="Perplexity">Of the text under this part; NaN for heads.</param>
public sealed record Foresight(string Name, double Agreed, double Right, double Perplexity);
