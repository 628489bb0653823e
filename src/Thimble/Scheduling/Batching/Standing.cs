namespace Thimble.Scheduling;

/// <summary>Where a <see cref="Turn"/> stands among the others.</summary>
internal sealed class Standing
{
    /// <summary>Its tenant's share of the model.</summary>
    public TenantShare? Share { get; set; }

    /// <summary>Its number among all that ever arrived.</summary>
    public long Arrival { get; set; }

    /// <summary>The step before which it began to wait.</summary>
    public long Since { get; set; }

    /// <summary>Its rank when it was let in: priority, raised by waiting. It takes pages only from those below it.</summary>
    public long Rank { get; set; }

    /// <summary>The latest step in which it had rows.</summary>
    public long Served { get; set; }

    /// <summary>Whether it takes part in steps, or waits to be let in.</summary>
    public bool IsRunning { get; set; }

    /// <summary>Whether its prompt was counted against its tenant.</summary>
    public bool IsCharged { get; set; }

    /// <summary>Whether a step that it was in failed, so that it must run alone to show whose fault that was.</summary>
    public bool IsSuspect { get; set; }

    /// <summary>What went wrong in it in this step; null for nothing.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Its place among the seats of the step being planned; −1 for none.</summary>
    public int Seat { get; set; } = -1;

    /// <summary>Whether it comes before another of those that run.</summary>
    public bool IsBefore(Standing other) => Rank != other.Rank ? Rank > other.Rank : Arrival < other.Arrival;
}

/// <summary>A turn and the rows it has in a step.</summary>
/// <param name="Turn">The turn.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Before">Tokens its state held before.</param>
/// <param name="Writes">Whether it writes, or else reads its prompt.</param>
internal readonly record struct Seat(Turn Turn, int Rows, int Before, bool Writes);

/// <summary>How much may be computed at once.</summary>
/// <param name="ReadRows">Prompt rows of a step in which nobody writes.</param>
/// <param name="MixedRows">Prompt rows of a step in which others write.</param>
/// <param name="Running">Sequences that take part in steps; each that writes has a row.</param>
internal readonly record struct BatchLimits(int ReadRows, int MixedRows, int Running)
{
    /// <summary>Rows of a step in all.</summary>
    public int StepRows => ReadRows + Running;
}
