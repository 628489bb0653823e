using Thimble.Cache;

namespace Thimble.Scheduling;

/// <summary>Counts and times an engine's steps.</summary>
/// <param name="time">The clock.</param>
internal sealed class EngineMeter(TimeProvider time)
{
    private readonly Lock _lock = new();
    private EngineStatistics _now;
    private long _began;

    /// <summary>The time.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>How it stands.</summary>
    public EngineStatistics Read()
    {
        lock (_lock)
            return _now;
    }

    /// <summary>A step begins.</summary>
    public void Begin() => _began = Now;

    /// <summary>There was nothing to compute.</summary>
    public void Idle(Batcher batcher) => Set(Stand(_now, batcher));

    /// <summary>A step ends.</summary>
    /// <param name="batcher">Who was in it.</param>
    /// <param name="computed">Timestamps spent computing.</param>
    public void End(Batcher batcher, long computed)
    {
        int read = 0, written = 0, rows = 0;
        foreach (Seat seat in batcher.Seats)
        {
            rows += seat.Rows;
            written += seat.Writes ? seat.Turn.Written : 0;
            read += seat.Writes ? 0 : seat.Rows;
        }

        TimeSpan step = time.GetElapsedTime(_began), work = time.GetElapsedTime(0, computed);
        EngineStatistics last = _now;
        Set(Stand(last, batcher) with
        {
            Steps = last.Steps + 1,
            PromptTokens = last.PromptTokens + read,
            WrittenTokens = last.WrittenTokens + written,
            StepRows = rows,
            StepSequences = batcher.Seats.Length,
            StepTime = step,
            Time = last.Time + step,
            Overhead = last.Overhead + (step - work),
        });
    }

    private static EngineStatistics Stand(EngineStatistics last, Batcher batcher)
    {
        PrefixCache prefixes = batcher.Prefixes;
        return last with
        {
            Queued = batcher.Roster.Waiting.Length,
            Running = batcher.Roster.Running.Length,
            PrefixLookups = prefixes.Lookups,
            PrefixHits = prefixes.Hits,
            SavedTokens = prefixes.SavedTokens,
            Evictions = prefixes.Tree.Evictions,
            Preemptions = batcher.Roster.Preemptions,
            UsedPages = batcher.Pages.Used,
            PrefixPages = prefixes.Tree.Filled - prefixes.Tree.Held,
            FreePages = batcher.Pages.Free,
        };
    }

    private void Set(EngineStatistics next)
    {
        lock (_lock)
            _now = next;
    }
}
