using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Sampling;
using Thimble.Speculative;

namespace Thimble.Scheduling;

/// <summary>A <see cref="Generation"/>'s part in the steps, several tokens at once where they were guessed right.</summary>
/// <param name="generation">The generation.</param>
/// <param name="drafting">What all drafts of the model share.</param>
internal sealed class DraftTurn(Generation generation, Drafting drafting) : GenerationTurn(generation)
{
    private readonly Generation _generation = generation;
    private readonly Speculation _speculation = drafting.Begin(generation.Sequence);
    private readonly List<(GeneratedToken? Token, FinishReason Reason)> _outcomes = [];
    private int _rows, _before;
    private bool _drafts;

    /// <summary>What came of the guesses.</summary>
    public DraftCounts Counts => _speculation.Counts;

    /// <inheritdoc />
    public override bool Ends => _drafts ? _outcomes.Count > 0 && _outcomes[^1].Reason != FinishReason.None : base.Ends;

    /// <inheritdoc />
    public override int Written => _drafts ? _outcomes.Count : base.Written;

    /// <inheritdoc />
    public override int Rows(int room)
    {
        int rows = base.Rows(room);

        // The first token of all is chosen as ever: a recurrent state is copied after the prompt, and nothing may follow it.
        _drafts = rows == Sequence.Pending.Length && _generation.Clock.Generated > 0 && (Sequence.Inserts.IsEmpty || _speculation.IsFree);
        if (!_drafts)
            return _rows = rows;

        int most = Math.Min(room - rows, _generation.ContextLength - Sequence.Length - 1);
        while (most > 0 && !Sequence.HasRoom(rows + most))
            most /= 2;
        int others = Math.Max(0, drafting.StepRows - _rows);
        _speculation.Propose(Sequence.Tokens, rows, most, Sequence.State.AllRecurrent.IsEmpty, _generation.Sampler, others);
        return _rows = rows + _speculation.Draft.Count;
    }

    /// <inheritdoc />
    public override void Add(Pass pass, int rows)
    {
        if (!_drafts)
        {
            base.Add(pass, rows);
            return;
        }

        ReadOnlySpan<int> pending = Sequence.Pending;
        _before = Sequence.State.Length;
        _speculation.Add(pass, Sequence.State, pending, Sequence.Adapters.At(_before, pending.Length).Set, Sequence.Inserts);
    }

    /// <inheritdoc />
    public override void Choose(Matrix logits, Matrix vectors)
    {
        _outcomes.Clear();
        if (!_drafts)
        {
            base.Choose(logits, vectors);
            return;
        }

        for (int row = _speculation.Begin(0); row >= 0;)
        {
            ReadOnlySpan<float> own = logits[row][.._generation.VocabularySize];
            int token = _speculation.Choose(_generation.Sampler, own, _generation.Matcher?.Mask());
            var likely = TokenLikelihood.Of(token, own, _generation.Options.TopLogProbabilities);
            _generation.Sampler.Accept(token);
            _outcomes.Add(_generation.Take(token, likely));
            row = _outcomes[^1].Reason == FinishReason.None ? _speculation.Follow(token) : -1;
        }

        _speculation.Learn(logits, vectors);
    }

    /// <inheritdoc />
    public override void Take()
    {
        if (_drafts)
            _speculation.Settle();
        else
            base.Take();
    }

    /// <inheritdoc />
    public override void Publish()
    {
        if (!_drafts)
        {
            base.Publish();
            return;
        }

        foreach ((GeneratedToken? token, FinishReason reason) in _outcomes)
            _generation.Publish(token, reason);
    }

    /// <inheritdoc />
    public override void Fail(Exception failure)
    {
        if (_speculation.IsOpen)
        {
            _speculation.Abandon();
            Sequence.Restore(Math.Min(_before, Sequence.State.Length));
        }

        base.Fail(failure);
    }
}
