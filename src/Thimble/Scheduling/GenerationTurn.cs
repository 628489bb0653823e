using Thimble.Compute.Memory;
using Thimble.Sampling;

namespace Thimble.Scheduling;

/// <summary>A <see cref="Generation"/>'s part in the steps: one token after the other.</summary>
/// <param name="generation">The generation.</param>
internal class GenerationTurn(Generation generation) : Turn(generation.Sequence, generation.Options.Priority)
{
    private int _token = -1;
    private TokenLikelihood _likely;
    private (GeneratedToken? Token, FinishReason Reason) _outcome;

    /// <inheritdoc />
    public override bool IsPaused => generation.IsFull;

    /// <inheritdoc />
    public override bool Ends => _outcome.Reason != FinishReason.None;

    /// <inheritdoc />
    public override TimeSpan? Left => generation.Left;

    /// <inheritdoc />
    public override bool GoesOn() => generation.GoesOn();

    /// <inheritdoc />
    public override void Begin() => generation.Clock.Start();

    /// <inheritdoc />
    public override void Choose(Matrix logits, Matrix vectors)
    {
        _token = -1;
        if (logits.Rows == 0)
            return;

        ReadOnlySpan<float> own = logits[0][..generation.VocabularySize];
        _token = generation.Sampler.Next(own, generation.Matcher?.Mask());
        _likely = TokenLikelihood.Of(_token, own, generation.Options.TopLogProbabilities);
    }

    /// <inheritdoc />
    public override void Take()
    {
        _outcome = default;
        if (_token < 0)
            return;

        if (generation.Clock.Generated == 0)
            Sequence.Snapshot();
        generation.Sampler.Accept(_token);
        _outcome = generation.Take(_token, _likely);
    }

    /// <inheritdoc />
    public override void Publish()
    {
        if (_token >= 0)
            generation.Publish(_outcome.Token, _outcome.Reason);
    }

    /// <inheritdoc />
    public override void Stop() => generation.End(FinishReason.Cancelled);

    /// <inheritdoc />
    public override void Fail(Exception failure) => generation.Fail(failure);
}
