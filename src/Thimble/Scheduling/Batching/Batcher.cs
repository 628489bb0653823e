using System.Runtime.InteropServices;
using Thimble.Cache;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Models.States;

namespace Thimble.Scheduling;

/// <summary>Which sequences take part in the next step, with how many rows each; bookkeeping only, it never calls the model.</summary>
/// <remarks>
/// <para>Those that write go first, one row each, so that a long prompt does not hold them up; prompts are read in pieces with the
/// rows that are left, of which some always are. Who waits is let in by rank, which waiting raises without end, then by the share its
/// tenant has had: so nobody waits for ever.</para>
/// <para>Where pages run out, sequences at rest give up theirs first, then kept prefixes, then whoever waits, then who ranks lowest
/// of those that run; their tokens stay and are computed again later. The first in rank can have every page, so it always ends.</para>
/// </remarks>
internal sealed class Batcher
{
    private const int Page = KeyValueStore.PageTokens, StepsToRise = 256;

    private static readonly Comparison<Turn> s_longestUnserved = static (a, b) => a.Standing.Served != b.Standing.Served
        ? a.Standing.Served.CompareTo(b.Standing.Served) : a.Standing.Arrival.CompareTo(b.Standing.Arrival);

    /// <summary>Sequences whose first keys lie in the same pages side by side, so that those are met once for all of them.</summary>
    private static readonly Comparison<Turn> s_byPages = static (a, b) =>
    {
        ReadOnlySpan<int> mine = a.Sequence.State.Pages, others = b.Sequence.State.Pages;
        for (int i = AttentionChunks.Pages - 1; i < Math.Min(mine.Length, others.Length); i += AttentionChunks.Pages)
        {
            if (mine[i] != others[i])
                return mine[i].CompareTo(others[i]);
        }

        int chunks = (mine.Length / AttentionChunks.Pages) - (others.Length / AttentionChunks.Pages);
        return chunks != 0 ? chunks : a.Standing.Arrival.CompareTo(b.Standing.Arrival);
    };

    private static readonly Comparison<Turn> s_firstInRank =
        static (a, b) => ReferenceEquals(a, b) ? 0 : a.Standing.IsBefore(b.Standing) ? -1 : 1;

    private readonly StatePool _states;
    private readonly BatchLimits _limits;
    private readonly List<Turn> _writers = [], _readers = [];
    private readonly List<Seat> _seats = [];
    private readonly HashSet<(PrefixNode Place, int Hash)> _claims = [];
    private int _room;

    /// <summary>An empty batch.</summary>
    /// <param name="states">Where sequences keep their states.</param>
    /// <param name="kept">The most blocks of tokens kept for later sequences; 0 for none at all.</param>
    /// <param name="limits">How much may be computed at once.</param>
    public Batcher(StatePool states, int kept, BatchLimits limits)
    {
        (_states, _limits) = (states, limits);
        Prefixes = new PrefixCache(states, kept);
        Roster = new Roster(states, Prefixes);
    }

    /// <summary>What is kept for later sequences.</summary>
    public PrefixCache Prefixes { get; }

    /// <summary>Who waits, runs and rests.</summary>
    public Roster Roster { get; }

    /// <summary>The pages there are.</summary>
    public PagePool Pages => _states.Pages;

    /// <summary>The step that was planned last.</summary>
    public ReadOnlySpan<Seat> Seats => CollectionsMarshal.AsSpan(_seats);

    /// <summary>Steps planned so far.</summary>
    public long Steps { get; private set; }

    /// <summary>A turn arrives.</summary>
    public void Arrive(Turn turn) => Roster.Arrive(turn, Steps);

    /// <summary>Plans the next step: afterwards <see cref="Seats"/> says who has how many rows, and pages for them are reserved.</summary>
    public void Plan()
    {
        Steps++;
        _seats.Clear();
        _claims.Clear();
        Roster.Sweep();
        LetIn();
        Sort();
        _room = _limits.StepRows;
        if (Suspect() is { } suspect && Take(suspect, _limits.ReadRows) > 0)
            return;

        int kept = _readers.Count == 0 ? 0 : Math.Min(_limits.MixedRows, _limits.ReadRows), later = _writers.Count;
        _writers.Sort(later > _room - kept ? s_longestUnserved : s_byPages);
        foreach (Turn writer in _writers)
        {
            later--;
            if (_room > kept)
                Take(writer, Math.Max(1, _room - kept - later));
        }

        int readable = Math.Min(_room, _seats.Count > 0 ? _limits.MixedRows : _limits.ReadRows);
        foreach (Turn reader in _readers)
        {
            if (readable > 0)
                readable -= TakeReader(reader, readable);
        }
    }

    /// <summary>The planned step was computed, and every turn has taken what came of it.</summary>
    public void Complete()
    {
        foreach (Seat seat in Seats)
        {
            Standing standing = seat.Turn.Standing;
            (standing.Served, standing.Seat, standing.IsSuspect) = (Steps, -1, false);
            standing.Share!.Time += seat.Writes ? seat.Rows : 0;
            Prefixes.Keep(seat.Turn.Sequence);
            if (seat.Turn.Ends)
                Prefixes.KeepTail(seat.Turn.Sequence);
        }
    }

    /// <summary>The planned step failed: what it wrote is taken back, and those in it run alone until the one at fault is found.</summary>
    /// <returns>The one at fault, if it ran alone; null if that is still to be found.</returns>
    public Turn? TakeBack()
    {
        foreach (Seat seat in Seats)
        {
            Sequence sequence = seat.Turn.Sequence;
            (seat.Turn.Standing.Seat, seat.Turn.Standing.IsSuspect) = (-1, true);
            Prefixes.End(sequence);
            sequence.Restore(seat.Before);
            sequence.State.Trim();
            Prefixes.Begin(sequence);
        }

        return _seats.Count == 1 ? _seats[0].Turn : null;
    }

    /// <summary>A turn of this step cannot go on for now: it goes back to those that wait.</summary>
    public void Postpone(Turn turn)
    {
        if (turn.Standing.Seat >= 0)
            Unseat(turn.Standing.Seat);
        Roster.SendBack(turn);
    }

    /// <summary>Lets in who waits, while there is room and memory for them.</summary>
    private void LetIn()
    {
        Roster.SendBackPaused();
        while (FirstWaiting() is { } turn && Roster.IsAffordable(turn, Rank(turn)))
        {
            if (Roster.Running.Length >= _limits.Running)
            {
                if (Lowest() is not { } lowest || lowest.Priority >= turn.Priority || lowest.Standing.Rank >= Rank(turn))
                    return;
                Roster.SendBack(lowest);
            }

            Roster.LetIn(turn, Rank(turn));
        }
    }

    private long Rank(Turn turn) => turn.Priority + ((Steps - turn.Standing.Since) / StepsToRise);

    private Turn? FirstWaiting()
    {
        Turn? first = null;
        foreach (Turn turn in Roster.Waiting)
        {
            if (!turn.IsPaused && (first is null || IsBefore(turn, first)))
                first = turn;
        }

        return first;

        bool IsBefore(Turn a, Turn b)
        {
            long rank = Rank(a) - Rank(b), share = a.Standing.Share!.Time - b.Standing.Share!.Time;
            return rank != 0 ? rank > 0 : share != 0 ? share < 0 : a.Standing.Arrival < b.Standing.Arrival;
        }
    }

    private Turn? Lowest()
    {
        Turn? lowest = null;
        foreach (Turn turn in Roster.Running)
        {
            if (lowest is null || (lowest.Standing.IsBefore(turn.Standing)))
                lowest = turn;
        }

        return lowest;
    }

    private void Sort()
    {
        _writers.Clear();
        _readers.Clear();
        foreach (Turn turn in Roster.Running)
            (turn.Sequence.Pending.Length == 1 ? _writers : _readers).Add(turn);

        _readers.Sort(s_firstInRank);
    }

    private Turn? Suspect()
    {
        foreach (Turn turn in Roster.Running)
        {
            if (turn.Standing.IsSuspect)
                return turn;
        }

        return null;
    }

    private int TakeReader(Turn reader, int room)
    {
        if (!reader.Standing.IsRunning)
            return 0;

        Sequence sequence = reader.Sequence;
        Prefixes.Follow(sequence);
        (PrefixNode Place, int Hash)? next = PrefixCache.NextBlock(sequence);
        if (next is { } claimed && _claims.Contains(claimed))
            return 0;   // another computes the same tokens in this very step: a step later they are there for both

        int taken = Take(reader, ToBorder(sequence, room));
        if (taken > 0 && next is { } own)
            _claims.Add(own);
        return taken;
    }

    /// <summary>A recurrent state can be kept for others only where a step ends, so steps end between blocks.</summary>
    private int ToBorder(Sequence sequence, int room)
    {
        int from = sequence.State.Length, end = Math.Min(from + room, sequence.Length);
        int border = Math.Min(end, sequence.Length - 1) / Page * Page;
        return _states.IsRecurrent && sequence.Place is not null && border > from ? border - from : room;
    }

    /// <summary>Gives a turn a seat.</summary>
    /// <returns>Rows it has; 0 for none.</returns>
    private int Take(Turn turn, int room)
    {
        if (!turn.Standing.IsRunning)
            return 0;   // preempted meanwhile

        SequenceState state = turn.Sequence.State;
        int rows = turn.Rows(room);
        while (state.PagesFor(rows) > _states.Pages.Free)
        {
            if (!Roster.Free(turn, out Turn? victim))
            {
                Roster.Judge(turn, rows);
                return 0;
            }

            if (victim?.Standing.Seat >= 0)
                Unseat(victim.Standing.Seat);
        }

        state.Reserve(rows);
        turn.Standing.Seat = _seats.Count;
        _seats.Add(new Seat(turn, rows, state.Length, turn.Sequence.Pending.Length == 1));
        _room -= rows;
        return rows;
    }

    private void Unseat(int place)
    {
        _room += _seats[place].Rows;
        _seats[place].Turn.Standing.Seat = -1;
        _seats.RemoveAt(place);
        for (; place < _seats.Count; place++)
            _seats[place].Turn.Standing.Seat = place;
    }
}
