namespace Thimble.Library;

/// <summary>Counts what a pull has fetched, and tells it, but not too often.</summary>
internal sealed class PullMeter(IProgress<PullProgress>? progress)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private string? _digest;
    private string _step = "";
    private long _completed, _total, _told;

    /// <summary>Tells a step that has no bytes.</summary>
    public void Say(string step)
    {
        lock (_lock)
            progress?.Report(new(step, null, 0, 0));
    }

    /// <summary>Begins a file.</summary>
    public void Begin(string? digest, string name, long total, long completed)
    {
        lock (_lock)
        {
            (_digest, _step, _total, _completed) = (digest, $"pulling {(digest is null ? name : digest[7..19])}", total, completed);
            Tell(always: true);
        }
    }

    /// <summary>Counts bytes, less than zero for those that were dropped.</summary>
    public void Add(long bytes)
    {
        lock (_lock)
        {
            _completed += bytes;
            Tell(always: _completed == _total);
        }
    }

    private void Tell(bool always)
    {
        if (progress is null || (!always && TimeProvider.System.GetElapsedTime(_told) < s_pause))
            return;

        _told = TimeProvider.System.GetTimestamp();
        progress.Report(new(_step, _digest, _completed, _total));
    }
}
