namespace Thimble.Grammar;

/// <summary>The members that may follow some others.</summary>
/// <param name="members">All members.</param>
/// <param name="seen">Those that have come, one bit each.</param>
internal sealed class MembersRule(Members members, ulong seen) : Rule
{
    private volatile Automaton? _body;

    /// <inheritdoc />
    public override bool CanBeEmpty => members.CanEnd(seen);

    /// <inheritdoc />
    public override void Enter(byte value, Frame parent, Threads next) =>
        TermFrame.Step((_body ?? Build()).Start, parent, value, next, mayEnd: false);

    private Automaton Build()
    {
        lock (members.Terms)
            return _body ??= new(members.Terms, members.Following(seen));
    }
}
