using Thimble.Compute.Memory;
using Thimble.Scheduling;

namespace Thimble.Tests.Library.Scheduling;

/// <summary>A turn without a model: it writes so many tokens, unless it is stopped.</summary>
internal sealed class PretendedTurn(Sequence sequence, int priority, int writes) : Turn(sequence, priority)
{
    public int Writes { get; private set; } = writes;

    public bool IsCancelled { get; set; }

    public bool IsSlow { get; set; }

    public Exception? Failure { get; private set; }

    /// <summary>Whether any step that it is in fails.</summary>
    public bool IsPoison { get; init; }

    public long Arrived { get; set; }

    public override bool IsPaused => IsSlow;

    public override bool Ends => Writes == 0;

    public override bool GoesOn() => Writes > 0 && !IsCancelled && Failure is null;

    public override void Choose(Matrix logits, Matrix vectors) => throw new InvalidOperationException("There is no model.");

    public override void Take()
    {
        if (Sequence.Pending.Length > 0)
            return;

        // What comes next depends on the text alone, as a model's greedy choice does.
        Sequence.Append(Sequence.Tokens[^1] * 7 % 5);
        Writes--;
    }

    public override void Publish()
    {
    }

    public override void Stop() => IsCancelled = true;

    public override void Fail(Exception failure) => Failure = failure;
}
