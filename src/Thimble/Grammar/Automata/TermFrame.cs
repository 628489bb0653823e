namespace Thimble.Grammar;

/// <summary>A place in the automaton of a term.</summary>
internal sealed class TermFrame(State state, Frame parent) : StateFrame(state, parent)
{
    /// <inheritdoc />
    public override bool CanEnd => CanEndAt(State, Parent!);

    /// <summary>Goes on from a place by a byte.</summary>
    public static void Step(State state, Frame parent, byte value, Threads next, bool mayEnd = true)
    {
        State after = state[value];
        if (after.IsFinal)
            next.Add(parent.Resume());
        else if (!ReferenceEquals(after, State.Dead))
            next.Add(new TermFrame(after, parent));
        Leave(state, parent, value, next, mayEnd);
    }

    /// <summary>Goes on from a place by a byte that belongs to what is entered there, or follows behind it.</summary>
    public static void Leave(State state, Frame parent, byte value, Threads next, bool mayEnd = true)
    {
        if (!state.HasExits)
            return;
        foreach ((Rule rule, State then) in state.Calls)
        {
            if (ReferenceEquals(then, State.Dead))
                continue;
            Frame behind = then.IsFinal ? parent : new TermFrame(then, parent);
            if (behind.Depth < Deepest)
                rule.Enter(value, behind, next);
            if (rule.CanBeEmpty)
                behind.Step(value, next);
        }

        if (mayEnd && state.Accepts)
            parent.Step(value, next);
    }

    /// <summary>Whether a text may end at a place, if it may end behind it.</summary>
    public static bool CanEndAt(State state, Frame parent)
    {
        if (state.Accepts && parent.CanEnd)
            return true;
        foreach ((Rule rule, State then) in state.Calls)
        {
            if (rule.CanBeEmpty && CanEndAt(then, parent))
                return true;
        }

        return false;
    }

    /// <inheritdoc />
    public override void Step(byte value, Threads next) => Step(State, Parent!, value, next);

    /// <inheritdoc />
    public override Frame Resume() => State.IsFinal ? Parent!.Resume() : this;

    /// <inheritdoc />
    public override StateFrame With(State state) => new TermFrame(state, Parent!);

    /// <inheritdoc />
    public override void Finish(State final, Threads next) => next.Add(Parent!.Resume());

    private protected override bool IsAlike(Frame other) => other is TermFrame term && ReferenceEquals(term.State, State);
}
