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

    /// <summary>Whether every byte must be stepped through, since the frame remembers them.</summary>
    public virtual bool IsTraced => false;

    /// <summary>Whether the frame decides which states can be passed through.</summary>
    public virtual bool IsGuarded => false;

    /// <summary>Whether a state can be passed through in this frame.</summary>
    public virtual bool Admits(State state) => true;

    /// <summary>Allows the tokens of a part of a tree, if the frame has a way of its own to find them.</summary>
    public virtual bool AllowBelow(TokenWalk walk, TokenTrie tree, int from, int to, TokenMask mask) => false;

    /// <inheritdoc />
    public override void Allow(TokenWalk walk, TokenMask mask) => walk.Fill(this, mask);
}
