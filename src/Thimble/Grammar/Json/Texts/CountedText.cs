using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>A place in a text whose characters are counted, and nothing else.</summary>
/// <param name="state">The place, in <see cref="JsonParts.FreeText"/>.</param>
/// <param name="count">Characters begun so far.</param>
/// <param name="least">The least count.</param>
/// <param name="most">The greatest.</param>
/// <param name="parent">What goes on behind it.</param>
internal sealed class CountedText(State state, int count, int least, int most, Frame parent) : Frame(parent)
{
    private readonly State _state = state;
    private readonly int _count = count, _least = least, _most = most;

    /// <inheritdoc />
    public override bool CanEnd => false;

    private bool IsBetween => ReferenceEquals(_state, JsonParts.FreeText);

    /// <inheritdoc />
    public override void Step(byte value, Threads next)
    {
        State after = _state[value];
        if (ReferenceEquals(after, State.Dead))
            return;
        if (after.IsFinal)
        {
            if (_count >= _least)
                next.Add(Parent!.Resume());
        }
        else if (!IsBetween || _count < _most)
        {
            next.Add(new CountedText(after, _count + (IsBetween ? 1 : 0), _least, _most, Parent!));
        }
    }

    /// <inheritdoc />
    public override void Allow(TokenWalk walk, TokenMask mask)
    {
        if (IsBetween)
            walk.Trie.Counts.Allow(walk, mask, Math.Max(0, _least - _count), _most - _count, new TermFrame(_state, Parent!));
        else
            walk.Whole(this, mask);
    }

    private protected override bool IsAlike(Frame other) =>
        other is CountedText text && ReferenceEquals(text._state, _state) && text._count == _count && text._least == _least && text._most == _most;
}
