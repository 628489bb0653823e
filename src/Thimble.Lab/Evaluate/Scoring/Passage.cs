using Thimble.Models.States;

namespace Thimble.Lab.Evaluate;

/// <summary>Tokens that a sequence is to read.</summary>
/// <param name="state">The sequence; it grows by the tokens.</param>
/// <param name="tokens">At least one token.</param>
/// <param name="wanted">How many of the last tokens' scores are shown.</param>
internal sealed class Passage(SequenceState state, ReadOnlyMemory<int> tokens, int wanted)
{
    /// <summary>The sequence.</summary>
    public SequenceState State { get; } = state;

    /// <summary>The tokens.</summary>
    public ReadOnlyMemory<int> Tokens { get; } = tokens;

    /// <summary>How many of the last tokens' scores are shown.</summary>
    public int Wanted { get; } = wanted;
}

/// <summary>Sees what a model thinks comes after a token.</summary>
/// <param name="reading">Which reading's, by its place among those given.</param>
/// <param name="row">Which of its wanted tokens, from 0.</param>
/// <param name="logits">Shape [vocabulary].</param>
/// <param name="logSum"><c>ln Σ exp(logit)</c>.</param>
internal delegate void ScoreVisitor(int reading, int row, ReadOnlySpan<float> logits, double logSum);
