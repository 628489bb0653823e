using Thimble.Sampling;

namespace Thimble.Grammar;

/// <summary>A place in an automaton.</summary>
internal abstract class StateFrame(State state, Frame parent) : Frame(parent)
{
    /// <summary>The place.</summary>
    public State State { get; } = state;

    /// <summary>The same frame at another place.</summary>
    public abstract StateFrame With(State state);

    /// <summary>What goes on behind it once a final state is reached.</summary>
    public abstract void Finish(State final, Threads next);

    /// <summary>Whether a state that is not free can be passed through in this frame.</summary>
    public virtual bool Admits(State state) => true;

    /// <inheritdoc />
    public override void Allow(TokenWalk walk, TokenMask mask) => walk.Fill(this, mask);
}
