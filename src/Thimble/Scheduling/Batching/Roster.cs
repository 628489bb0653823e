using System.Runtime.InteropServices;
using Thimble.Cache;
using Thimble.Compute.Memory;
using Thimble.Models.States;

namespace Thimble.Scheduling;

/// <summary>The turns that wait and those that run, the sequences that rest, and who gives up pages for whom.</summary>
/// <param name="states">Where sequences keep their states.</param>
/// <param name="prefixes">What is kept for later sequences.</param>
internal sealed class Roster(StatePool states, PrefixCache prefixes)
{
    private const int Page = KeyValueStore.PageTokens;

    private readonly List<Turn> _waiting = [], _running = [];
    private readonly List<Sequence> _resting = [];
    private readonly TenantShares _shares = new();
    private long _arrivals;

    /// <summary>Turns that wait to be let in.</summary>
    public ReadOnlySpan<Turn> Waiting => CollectionsMarshal.AsSpan(_waiting);

    /// <summary>Turns that take part in steps.</summary>
    public ReadOnlySpan<Turn> Running => CollectionsMarshal.AsSpan(_running);

    /// <summary>Turns that had to give up what was computed of them so far.</summary>
    public long Preemptions { get; private set; }

    /// <summary>Tenants that are remembered.</summary>
    public int Tenants => _shares.Count;

    /// <summary>A turn arrives.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="step">The number of the latest step.</param>
    public void Arrive(Turn turn, long step)
    {
        Sequence sequence = turn.Sequence;
        Standing standing = turn.Standing;
        if (sequence.Turn is { } last)
        {
            // Its last turn has ended and was only not yet seen off.
            _running.Remove(last);
            _waiting.Remove(last);
            Leave(last);
        }

        _resting.Remove(sequence);
        sequence.Turn = turn;
        sequence.Settle();
        (standing.Arrival, standing.Since, standing.Served) = (_arrivals++, step, step);
        standing.Share = _shares.Enter(sequence.Tenant);
        _waiting.Add(turn);
        if (states.KeepsKeys && sequence.Length > (long)states.Pages.Capacity * Page)
            turn.Fail(TooMany(sequence.Length));
    }

    /// <summary>A sequence's owner lets it go.</summary>
    public void Retire(Sequence sequence)
    {
        sequence.IsRetired = true;
        _resting.Remove(sequence);
        if (sequence.Turn is null)
            sequence.Dispose();
    }

    /// <summary>A sequence in which nothing runs may give up its pages when others need them.</summary>
    public void Rest(Sequence sequence)
    {
        if (sequence.State.Length > 0 && states.KeepsKeys)
            _resting.Add(sequence);
    }

    /// <summary>Sees off those that have ended.</summary>
    public void Sweep()
    {
        Sweep(_running);
        Sweep(_waiting);
    }

    /// <summary>Lets a waiting turn in.</summary>
    public void LetIn(Turn turn, long rank)
    {
        Standing standing = turn.Standing;
        _waiting.Remove(turn);
        _running.Add(turn);
        (standing.IsRunning, standing.Rank) = (true, rank);
        prefixes.Begin(turn.Sequence);
        turn.Begin();
        if (!standing.IsCharged)
            standing.Share!.Time += turn.Sequence.Pending.Length;
        standing.IsCharged = true;
    }

    /// <summary>Sends a running turn back to those that wait; it keeps its pages as long as nobody needs them.</summary>
    public void SendBack(Turn turn)
    {
        prefixes.End(turn.Sequence);
        turn.Sequence.State.Trim();
        _running.Remove(turn);
        turn.Standing.IsRunning = false;
        _waiting.Add(turn);
    }

    /// <summary>Sends back those that must wait for their readers.</summary>
    public void SendBackPaused()
    {
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            if (_running[i].IsPaused)
                SendBack(_running[i]);
        }
    }

    /// <summary>Frees memory that no turn above some turn needs.</summary>
    /// <param name="turn">The turn that needs memory.</param>
    /// <param name="victim">A turn that runs no more; null if it was not needed.</param>
    /// <returns>Whether something was freed, or may have been.</returns>
    public bool Free(Turn turn, out Turn? victim)
    {
        victim = null;
        if (DropResting() || prefixes.Tree.Evict() || DropWaiting())
            return true;
        if ((victim = LowestBelow(turn)) is null)
            return false;

        Preemptions++;
        SendBack(victim);
        victim.Sequence.Drop();
        return true;
    }

    /// <summary>Frees memory that nothing which runs or waits needs.</summary>
    /// <returns>Whether something was freed, or may have been.</returns>
    public bool FreeIdle() => DropResting() || prefixes.Tree.Evict();

    /// <summary>Ends a turn if all memory there is would not do for it.</summary>
    public void Judge(Turn turn, int rows)
    {
        long needed = turn.Sequence.State.Length + rows, most = (long)states.Pages.Capacity * Page;
        if (needed > most || (_running.Count == 1 && states.Pages.Used <= turn.Sequence.State.Pages.Length))
            turn.Fail(TooMany(needed));

        // Else others hold what it needs, and will let it go.
    }

    /// <summary>Whether a waiting turn's tokens find pages without taking any from running turns of its rank or above.</summary>
    public bool IsAffordable(Turn turn, long rank)
    {
        if (!states.KeepsKeys || _running.Count == 0)
            return true;

        int taken = prefixes.Tree.Held, growth = 0;
        foreach (Turn other in _running)
        {
            if (other.Standing.Rank < rank)
                continue;
            taken += other.Sequence.State.Pages.Length - (other.Sequence.Place?.Depth ?? 0);
            growth++;
        }

        // What is known of its prompt is not looked up here: it may be gone before its turn comes.
        return ((turn.Sequence.Length + Page) / Page) + ((growth + 1) / 2) <= states.Pages.Capacity - taken;
    }

    private static CapacityException TooMany(long needed, long most) => new(
        $"{needed} tokens are to be kept and the cache holds {most}; ask for fewer, or open the model with a larger cache.", needed, most);

    private CapacityException TooMany(long needed) => TooMany(needed, (long)states.Pages.Capacity * Page);

    private void Sweep(List<Turn> turns)
    {
        int kept = 0;
        for (int i = 0; i < turns.Count; i++)
        {
            Turn turn = turns[i];
            if (turn.GoesOn())
                turns[kept++] = turn;
            else
                Leave(turn);
        }

        turns.RemoveRange(kept, turns.Count - kept);
    }

    /// <summary>A turn has ended. Its sequence's tokens are its owner's again and may be changing by now.</summary>
    private void Leave(Turn turn)
    {
        Sequence sequence = turn.Sequence;
        prefixes.End(sequence);
        sequence.State.Trim();
        sequence.Turn = null;
        turn.Standing.IsRunning = false;
        _shares.Leave(turn.Standing.Share!);
        if (sequence.IsRetired)
            sequence.Dispose();
        else
            Rest(sequence);
    }

    private bool DropResting()
    {
        if (_resting.Count == 0)
            return false;

        _resting[0].Drop();
        _resting.RemoveAt(0);
        return true;
    }

    private bool DropWaiting()
    {
        foreach (Turn turn in _waiting)
        {
            if (turn.Sequence.State.Pages.Length > 0)
            {
                turn.Sequence.Drop();
                return true;
            }
        }

        return false;
    }

    private Turn? LowestBelow(Turn turn)
    {
        Turn? lowest = null;
        foreach (Turn other in _running)
        {
            bool below = turn.Standing.IsBefore(other.Standing) && other.Sequence.State.Pages.Length > 0;
            if (below && (lowest is null || lowest.Standing.IsBefore(other.Standing)))
                lowest = other;
        }

        return lowest;
    }
}
