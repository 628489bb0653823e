namespace Thimble.Grammar;

/// <summary>A place in a key that nothing speaks of by name, where any key may be.</summary>
internal sealed class OpenKey(State text, ObjectFrame parent) : StateFrame(text, parent)
{
    /// <inheritdoc />
    public override bool CanEnd => false;

    /// <inheritdoc />
    public override void Step(byte value, Threads next)
    {
        State after = State[value];
        if (after.IsFinal)
            Finish(after, next);
        else if (!ReferenceEquals(after, State.Dead))
            next.Add(With(after));
    }

    /// <inheritdoc />
    public override StateFrame With(State state) => new OpenKey(state, (ObjectFrame)Parent!);

    /// <inheritdoc />
    public override void Finish(State final, Threads next)
    {
        var parent = (ObjectFrame)Parent!;
        parent.Name(parent.Shape.Names.Length, null, next);
    }

    private protected override bool IsAlike(Frame other) => other is OpenKey key && ReferenceEquals(key.State, State);
}
