namespace Thimble.Grammar;

/// <summary>A whole grammar as a part of another.</summary>
/// <param name="start">Where it begins, above <see cref="EndFrame"/>.</param>
internal sealed class FrameRule(Frame start) : Rule
{
    /// <inheritdoc />
    public override bool CanBeEmpty { get; } = start.CanEnd;

    /// <inheritdoc />
    public override void Enter(byte value, Frame parent, Threads next)
    {
        if (start is TermFrame term)
            TermFrame.Step(term.State, parent, value, next, mayEnd: false);
        else
            ((RuleFrame)start).Rule.Enter(value, parent, next);
    }
}
