using Thimble.Sampling;

namespace Thimble.Lab.Evaluate;

/// <summary>How far a model's next-token probabilities <c>q</c> lie from a reference's, <c>p</c>: <c>KL(p‖q) = Σ p(i) · ln(p(i) / q(i))</c>.</summary>
/// <param name="Mean">The mean over tokens, nats.</param>
/// <param name="Error">Its standard error.</param>
/// <param name="Median">The median.</param>
/// <param name="Worst">The greatest.</param>
/// <param name="Agreement">The share of tokens at which both like the same token best.</param>
/// <param name="Perplexity">The model's perplexity on the tokens compared.</param>
/// <param name="ReferencePerplexity">The reference's.</param>
/// <param name="Tokens">Tokens compared.</param>
/// <remarks>The windows are those of <see cref="Evaluate.Perplexity"/>. Source: Kullback and Leibler, 1951; the figures are those of llama.cpp's
/// <c>perplexity --kl-divergence</c>.</remarks>
public sealed record Divergence(
    double Mean, double Error, double Median, double Worst, double Agreement, double Perplexity, double ReferencePerplexity, int Tokens)
{
    /// <summary>Compares two models on a text.</summary>
    /// <param name="path">The model; null for the one inside the library.</param>
    /// <param name="reference">What it is compared with: the same model in a larger format, as a rule.</param>
    /// <param name="text">The text.</param>
    /// <param name="options">Windows and opening of both; those of 512 tokens if null.</param>
    /// <param name="progress">Told after each window.</param>
    /// <param name="cancellationToken">Stops it after the window at hand.</param>
    /// <exception cref="ArgumentException">The text does not fill a window, or the models have different vocabularies.</exception>
    public static Divergence Measure(
        string? path, string? reference, string text, WindowOptions? options = null, IProgress<WindowProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= new();
        using var ours = new WindowReader(path, text, options);
        using var theirs = new WindowReader(reference, text, options);
        if (ours.Vocabulary != theirs.Vocabulary)
        {
            throw new ArgumentException(
                $"The model scores {ours.Vocabulary} tokens and the reference {theirs.Vocabulary}; only models of one vocabulary can be compared.", nameof(reference));
        }

        var tally = new DivergenceTally();
        for (int window = 0; window < ours.Count; window++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Compare(ours, theirs, window, tally);
            progress?.Report(new(window + 1, ours.Count));
        }

        return tally.Result();
    }

    private static void Compare(WindowReader ours, WindowReader theirs, int window, DivergenceTally tally)
    {
        int count = ours.Scored(window), part = Math.Max(1, (64 << 20) / ours.Vocabulary);
        int[] tokens = ours.Last(window, count).ToArray();
        float[] kept = new float[Math.Min(part, count) * ours.Vocabulary];   // the reference's log-probabilities, shape [part, vocabulary]
        for (int first = 0; first < count; first += part)
        {
            int end = Math.Min(count, first + part);
            theirs.Visit(window, count, (row, logits, logSum) =>
            {
                if (row >= first && row < end)
                    Keep(logits, logSum, kept.AsSpan((row - first) * logits.Length, logits.Length));
            });
            ours.Visit(window, count, (row, logits, logSum) =>
            {
                if (row >= first && row < end)
                    tally.Add(kept.AsSpan((row - first) * logits.Length, logits.Length), logits, logSum, tokens[row]);
            });
        }
    }

    private static void Keep(ReadOnlySpan<float> logits, double logSum, Span<float> kept)
    {
        for (int i = 0; i < kept.Length; i++)
            kept[i] = (float)(logits[i] - logSum);
    }
}

/// <summary>Divergences of tokens, gathered.</summary>
internal sealed class DivergenceTally
{
    private readonly List<double> _divergences = [];
    private double _loss, _referenceLoss;
    private int _agreed;

    /// <summary>Adds a token.</summary>
    /// <param name="reference">The reference's log-probabilities, shape [vocabulary].</param>
    /// <param name="logits">The model's logits, shape [vocabulary].</param>
    /// <param name="logSum"><c>ln Σ exp(logit)</c>.</param>
    /// <param name="token">The token that came.</param>
    public void Add(ReadOnlySpan<float> reference, ReadOnlySpan<float> logits, double logSum, int token)
    {
        double divergence = 0;
        int best = 0, theirs = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            // A token without probability adds nothing: the limit of p · ln p.
            if (reference[i] > float.NegativeInfinity)
                divergence += Exponentials.Exp((double)reference[i]) * (reference[i] - (logits[i] - logSum));
            best = logits[i] > logits[best] ? i : best;
            theirs = reference[i] > reference[theirs] ? i : theirs;
        }

        _divergences.Add(Math.Max(0, divergence));
        _agreed += best == theirs ? 1 : 0;
        _loss += logSum - logits[token];
        _referenceLoss -= reference[token];
    }

    /// <summary>What was gathered.</summary>
    public Divergence Result()
    {
        double[] sorted = [.. _divergences.Order()];
        double mean = sorted.Average(), deviation = Math.Sqrt(sorted.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, sorted.Length - 1));
        double median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return new(
            mean, deviation / Math.Sqrt(sorted.Length), median, sorted[^1], (double)_agreed / sorted.Length,
            Math.Exp(_loss / sorted.Length), Math.Exp(_referenceLoss / sorted.Length), sorted.Length);
    }
}
