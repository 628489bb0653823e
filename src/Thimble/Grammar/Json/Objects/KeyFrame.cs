using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>A place in an object's key.</summary>
internal sealed class KeyFrame(State state, ObjectFrame parent, Trace? trace, byte[][] known, int depth) : TracedFrame(state, parent, trace, known, depth)
{
    private ObjectFrame Object => (ObjectFrame)Parent!;

    /// <inheritdoc />
    public override bool IsGuarded => !(State.IsFree && Object.TakesOthers);

    /// <inheritdoc />
    public override void Step(byte value, Threads next)
    {
        State after = State[value];
        if (ReferenceEquals(after, State.Dead))
            return;
        if (after is KeyEnd end)
        {
            if (end.Label < Object.Shape.Names.Length || !IsKnown(Rivals, Length))
                Object.Name(end.Label, Trace, next);
            return;
        }

        if (IsGuarded && !Admits(after))
            return;
        next.Add(new KeyFrame(after, Object, new Trace(value, Trace), After(value), Length + 1));
    }

    /// <inheritdoc />
    public override StateFrame With(State state) => new KeyFrame(state, Object, Trace, [], Length);

    /// <inheritdoc />
    public override void Finish(State final, Threads next) => Object.Name(((KeyEnd)final).Label, Trace, next);

    /// <inheritdoc />
    public override bool Admits(State state) => state is not KeyState key || (key.Others is not null && Object.TakesOthers) || Object.TakesName(key.First, key.Last);

    /// <inheritdoc />
    public override void Allow(TokenWalk walk, TokenMask mask)
    {
        if (IsGuarded)
        {
            walk.Whole(this, mask);
            return;
        }

        var mine = new TokenMask(mask.Vocabulary);
        walk.Fill(this, mine);
        ForbidKnown(walk, mine, "\""u8);
        mask.Or(mine);
    }
}
