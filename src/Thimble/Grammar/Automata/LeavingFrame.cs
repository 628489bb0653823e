namespace Thimble.Grammar;

/// <summary>A place in an automaton that the next byte leaves.</summary>
internal sealed class LeavingFrame(State state, Frame parent) : Frame(parent)
{
    /// <inheritdoc />
    public override bool CanEnd => TermFrame.CanEndAt(state, Parent!);

    /// <inheritdoc />
    public override void Step(byte value, Threads next) => TermFrame.Leave(state, Parent!, value, next);

    private protected override bool IsAlike(Frame other) => ReferenceEquals(this, other);
}
