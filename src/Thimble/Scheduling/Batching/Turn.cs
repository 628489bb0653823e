using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Scheduling;

/// <summary>A sequence that takes part in the model's steps: it says how many rows it wants in the next one, adds them, and
/// takes what came of them.</summary>
/// <remarks>
/// <para>This is where ways of generating differ: one token after the other, or several drafted ones at once, along a mask or freely.
/// In each step the <see cref="Batcher"/> asks <see cref="Rows"/>, the engine calls <see cref="Add"/>, computes, and calls
/// <see cref="Choose"/>, at the same time as that of others, then <see cref="Take"/> and <see cref="Publish"/>, one turn after the other.</para>
/// <para>Whoever leaves the sequence's state longer or shorter than its rows cuts it in <see cref="Take"/>: afterwards the state
/// holds exactly the first tokens of the sequence.</para>
/// </remarks>
/// <param name="sequence">The sequence.</param>
/// <param name="priority">Goes before those of lower priority.</param>
internal abstract class Turn(Sequence sequence, int priority)
{
    /// <summary>The sequence.</summary>
    public Sequence Sequence { get; } = sequence;

    /// <summary>Goes before those of lower priority.</summary>
    public int Priority { get; } = priority;

    /// <summary>Whether it must wait for its reader.</summary>
    public virtual bool IsPaused => false;

    /// <summary>Whether it ends with what it has just taken.</summary>
    public virtual bool Ends => false;

    /// <summary>Tokens that it has written in the latest step, if it was one in which it writes.</summary>
    public virtual int Written => 1;

    /// <summary>The time left to it; null for as much as it needs.</summary>
    public virtual TimeSpan? Left => null;

    /// <summary>What the <see cref="Batcher"/> knows of it.</summary>
    public Standing Standing { get; } = new();

    /// <summary>Whether it goes on; ends it if it was cancelled or is late.</summary>
    public abstract bool GoesOn();

    /// <summary>Rows it wants in the next step, at least 1.</summary>
    /// <param name="room">The most it may have, at least 1; more only for rows that must come together.</param>
    public virtual int Rows(int room)
    {
        int rows = Sequence.Ready(room);
        return Sequence.Adapters.At(Sequence.State.Length, rows).Count;
    }

    /// <summary>It begins to run; what was known of its sequence is in its state.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>Adds its rows to a step.</summary>
    /// <param name="pass">The step.</param>
    /// <param name="rows">As many as it got of those it wanted.</param>
    public virtual void Add(Pass pass, int rows)
    {
        ReadOnlySpan<int> pending = Sequence.Pending;
        pass.Add(Sequence.State, pending[..rows], rows == pending.Length ? 1 : 0, Sequence.Adapters.At(Sequence.State.Length, rows).Set, Sequence.Inserts);
    }

    /// <summary>Chooses what comes next. Other turns choose at the same time: only what is its own may change.</summary>
    /// <param name="logits">Of the rows whose outcome it wanted, shape [wanted, ≥ vocabulary]; valid during the call.</param>
    /// <param name="vectors">What the logits came from, shape [wanted, features]; valid during the call.</param>
    public abstract void Choose(Matrix logits, Matrix vectors);

    /// <summary>Takes the outcome: appends to the sequence.</summary>
    public abstract void Take();

    /// <summary>Tells the reader. From then on, if that was the end, the sequence's tokens are its owner's again.</summary>
    public abstract void Publish();

    /// <summary>Ends it: the model is being closed.</summary>
    public abstract void Stop();

    /// <summary>Ends it by a fault, which its reader will see.</summary>
    public abstract void Fail(Exception failure);
}
