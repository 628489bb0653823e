using Thimble.Scheduling;

namespace Thimble.Library;

/// <summary>Opens models when they are asked for and closes them when they are no longer used, within a budget of memory.</summary>
/// <remarks>Safe for many threads. A model that somebody uses is never closed; the one unused longest goes first. All who ask for a
/// model while it is being opened wait for that one opening. A model whose file was replaced is opened anew for those who ask
/// from then on; those who use the old one keep it. Holding one lease while asking for another model may wait for oneself.</remarks>
/// <example><code>
/// using var host = new ModelHost(new() { MemoryBytes = 8_000_000_000 });
/// using ModelLease lease = await host.RentAsync("qwen3-0.6b-q4_0");
/// string text = await lease.Model.Generate("Once upon a time").TextAsync();
/// </code></example>
public sealed class ModelHost : IDisposable
{
    private readonly ModelHostOptions _options;
    private readonly TimeProvider _time;
    private readonly long _budget;
    private readonly Lock _lock = new();
    private readonly List<HostedModel> _hosted = [];   // being opened, open, and being closed
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _returns;
    private bool _disposed;

    /// <summary>Makes a host; it opens nothing yet.</summary>
    /// <param name="options">Which models it knows, and how many it holds open.</param>
    /// <param name="time">The clock of keep-alive; null for the system's.</param>
    public ModelHost(ModelHostOptions? options = null, TimeProvider? time = null)
    {
        (_options, _time) = (options ?? new(), time ?? TimeProvider.System);
        _budget = _options.MemoryBytes ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;
    }

    /// <summary>The folder of models it knows by name.</summary>
    public ModelFolder Folder => _options.Folder;

    /// <summary>A lease on a model, which is opened if it is not open.</summary>
    /// <param name="name">A name, or a path where those are allowed; null or empty for the default model.</param>
    /// <param name="cancellationToken">Ends the wait; an opening goes on for the others.</param>
    /// <returns>The lease; dispose it when the request is done.</returns>
    /// <exception cref="FileNotFoundException">There is no such model.</exception>
    /// <exception cref="InvalidDataException">Its file is damaged.</exception>
    /// <exception cref="NotSupportedException">This build cannot run it.</exception>
    /// <exception cref="CapacityException">It does not fit the budget, or running requests held the room for too long.</exception>
    public async Task<ModelLease> RentAsync(string? name, CancellationToken cancellationToken = default)
    {
        long start = _time.GetTimestamp();
        ModelSource source = Find(name);
        HostedModel hosted = Join(source, FileStamp.Of(source.Path));
        try
        {
            await hosted.Opening.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new(this, hosted, source, _time.GetElapsedTime(start));
        }
        catch
        {
            Return(hosted, null);
            throw;
        }
    }

    /// <summary>The models that can be asked for by name, sorted.</summary>
    /// <returns>Those of <see cref="ModelHostOptions.Names"/> and those in the folder.</returns>
    public IReadOnlyList<ModelEntry> List()
    {
        IEnumerable<ModelEntry> named = _options.Names.Select(pair => ModelFolder.EntryOf(pair.Key, pair.Value));
        return [.. named.Concat(Folder.List()).DistinctBy(model => model.Name, StringComparer.OrdinalIgnoreCase).OrderBy(model => model.Name, StringComparer.Ordinal)];
    }

    /// <summary>The models that are open or being opened or closed, in the order they were asked for.</summary>
    public IReadOnlyList<LoadedModel> Loaded()
    {
        lock (_lock)
            return [.. _hosted.Select(hosted => hosted.Describe())];
    }

    /// <summary>What the engines of the open models have done.</summary>
    internal IReadOnlyList<(string Name, EngineStatistics Statistics)> Engines()
    {
        lock (_lock)
            return [.. _hosted.Where(hosted => hosted.IsOpen).Select(hosted => (hosted.Source.Name, hosted.Opening.Task.GetAwaiter().GetResult().Engine.Statistics))];
    }

    /// <summary>Whether a model sees images, as far as can be told without opening it: whether there is a projector for it.</summary>
    /// <param name="name">Its name.</param>
    internal bool Sees(string name)
    {
        try
        {
            ModelSource source = Find(name);
            HostedModel? open;
            lock (_lock)
                open = _hosted.Find(hosted => hosted.Source.IsSame(source) && hosted.IsOpen);
            if (open is not null)
                return open.Opening.Task.GetAwaiter().GetResult().HasProjector;
            return OpeningOf(name).Projector is not null || source.Projector is not null || (source.Path is { } path && Sight.IsBeside(path));
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or NotSupportedException or UnauthorizedAccessException)
        {
            return false;   // asked for, it will say what is wrong
        }
    }

    /// <summary>Closes a model as soon as nobody uses it, whatever its keep-alive.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Whether it was open.</returns>
    /// <exception cref="FileNotFoundException">There is no such model.</exception>
    public bool Unload(string? name)
    {
        ModelSource source = Find(name);
        lock (_lock)
        {
            HostedModel[] open = [.. _hosted.Where(hosted => hosted.Source.IsSame(source) && !hosted.IsClosing)];
            foreach (HostedModel hosted in open)
            {
                hosted.IsUnwanted = true;
                if (hosted.IsIdle)
                    Close(hosted);
            }

            return open.Length > 0;
        }
    }

    /// <summary>Refuses new requests and closes all models, those in use when their last lease is disposed.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (HostedModel hosted in _hosted.Where(hosted => hosted.IsIdle).ToArray())
                Close(hosted);
        }
    }

    /// <summary>Counts a user less.</summary>
    internal void Return(HostedModel hosted, TimeSpan? keepAlive)
    {
        lock (_lock)
        {
            hosted.LastUsed = ++_returns;
            hosted.KeepAlive = keepAlive ?? _options.KeepAlive;
            if (--hosted.Leases == 0)
                Rest(hosted);
        }
    }

    private ModelOptions OpeningOf(string name) => _options.Openings.GetValueOrDefault(name, _options.Model);

    /// <summary>What a name means.</summary>
    /// <exception cref="FileNotFoundException">Nothing.</exception>
    internal ModelSource Find(string? name)
    {
        string asked = string.IsNullOrEmpty(name) ? _options.DefaultModel ?? DefaultModel.Alias : name;
        if (_options.Names.TryGetValue(asked, out string? path))
            return new(asked, path);
        if (Folder.Manifest(asked) is { } known)
            return ModelSource.Of(asked, known, Folder.Store);
        if (DefaultModel.IsNamed(asked))
            return new(DefaultModel.Alias, null);
        return _options.AllowPaths && Path.Exists(asked) ? new(asked, Path.GetFullPath(asked)) : throw Folder.Unknown(asked);
    }

    /// <summary>The model that a new request gets, counted as one more user of it.</summary>
    private HostedModel Join(ModelSource source, FileStamp stamp)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (HostedModel replaced in _hosted.Where(hosted => hosted.Source.IsSame(source) && hosted.Stamp != stamp).ToArray())
            {
                replaced.IsRetired = true;
                if (replaced.IsIdle)
                    Close(replaced);
            }

            HostedModel? hosted = _hosted.Find(hosted => hosted.Source.IsSame(source) && !hosted.IsRetired);
            if (hosted is null)
            {
                hosted = new HostedModel(source, stamp) { KeepAlive = _options.KeepAlive };
                _hosted.Add(hosted);
                _ = Task.Run(() => OpenAsync(hosted));
            }

            hosted.Leases++;
            hosted.Timer?.Dispose();
            (hosted.Timer, hosted.Expires) = (null, null);
            return hosted;
        }
    }

    private async Task OpenAsync(HostedModel hosted)
    {
        Model? model = null;
        Exception? failure = null;
        try
        {
            using (Models.Files.ModelFile file = hosted.Source.OpenFile())
                hosted.Summary = ModelSummary.Of(file);
            ModelOptions opening = OpeningOf(hosted.Source.Name);
            long tokens = await ReserveAsync(hosted, MemoryNeed.Of(hosted.Summary, opening)).ConfigureAwait(false);
            model = hosted.Source.Open(opening with { CacheTokens = tokens });
            hosted.Adapters = [.. hosted.Source.Adapters.Select(path => new AppliedAdapter(model.LoadAdapter(path)))];
        }
        catch (Exception fault)
        {
            failure = fault;   // it belongs to those who wait; the next to ask tries again
            model?.Dispose();
            model = null;
        }

        lock (_lock)
        {
            if (model is null)
                Remove(hosted);
            else
                hosted.Opening.SetResult(model);
            if (model is not null && hosted.Leases == 0)
                Rest(hosted);
        }

        if (failure is not null)
            hosted.Opening.SetException(failure);
    }

    /// <summary>Sets memory aside for a model, closing others that nobody uses, and waiting for those that somebody does.</summary>
    /// <returns>Tokens that its cache may hold.</returns>
    private async Task<long> ReserveAsync(HostedModel hosted, MemoryNeed need)
    {
        long start = _time.GetTimestamp();
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                HostedModel[] others = [.. _hosted.Where(other => other.Reserved > 0)];
                long free = _budget - others.Sum(other => other.Reserved);
                if (free >= need.Least && others.Length < (_options.MaxModels ?? int.MaxValue))
                {
                    long tokens = need.TokensIn(free);
                    hosted.Reserved = Math.Max(1, need.Weights + (tokens * need.CacheBytesPerToken));
                    return tokens;
                }

                if (need.Least > _budget || _time.GetElapsedTime(start) >= _options.RoomTimeout)
                    throw NoRoom(hosted, need, free, others);
                MakeRoom(need, free, others);
                changed = _changed.Task;
            }

            TimeSpan left = _options.RoomTimeout - _time.GetElapsedTime(start);
            await Task.WhenAny(changed, Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time)).ConfigureAwait(false);
        }
    }

    /// <summary>Closes the models unused longest, as many as it takes.</summary>
    private void MakeRoom(MemoryNeed need, long free, HostedModel[] others)
    {
        free += others.Where(other => other.IsClosing).Sum(other => other.Reserved);
        int staying = others.Count(other => !other.IsClosing);
        foreach (HostedModel idle in others.Where(other => other.IsIdle).OrderBy(other => other.LastUsed))
        {
            if (free >= need.Least && staying < (_options.MaxModels ?? int.MaxValue))
                return;

            free += idle.Reserved;
            staying--;
            Close(idle);
        }
    }

    /// <summary>Nobody uses a model any more: it is closed now, or in its time.</summary>
    private void Rest(HostedModel hosted)
    {
        Signal();
        if (!hosted.IsIdle)
            return;

        TimeSpan keep = hosted.KeepAlive;
        if (_disposed || hosted.IsRetired || hosted.IsUnwanted || keep == TimeSpan.Zero)
        {
            Close(hosted);
        }
        else if (keep > TimeSpan.Zero)
        {
            hosted.Expires = _time.GetUtcNow() + keep;
            hosted.Timer = _time.CreateTimer(_ => Expire(hosted), null, keep, Timeout.InfiniteTimeSpan);
        }
    }

    private void Expire(HostedModel hosted)
    {
        lock (_lock)
        {
            if (hosted.IsIdle && hosted.Expires <= _time.GetUtcNow())
                Close(hosted);
        }
    }

    /// <summary>Begins to close an idle model; its memory counts as taken until it is closed.</summary>
    private void Close(HostedModel hosted)
    {
        Model model = hosted.Opening.Task.GetAwaiter().GetResult();
        hosted.IsRetired = hosted.IsClosing = true;
        hosted.Timer?.Dispose();
        hosted.Expires = null;
        _ = Task.Run(() =>
        {
            model.Dispose();
            lock (_lock)
                Remove(hosted);
        });
    }

    private void Remove(HostedModel hosted)
    {
        _hosted.Remove(hosted);
        Signal();
    }

    /// <summary>Wakes those who wait for room.</summary>
    private void Signal()
    {
        TaskCompletionSource changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    private CapacityException NoRoom(HostedModel hosted, MemoryNeed need, long free, HostedModel[] others)
    {
        string busy = string.Join(", ", others.Where(other => !other.IsIdle).Select(other => $"'{other.Source.Name}'"));
        string who = busy.Length == 0 ? "" : $" Requests to {busy} hold the rest.";
        string remedy = need.Least > _budget
            ? "Take a smaller model or format, a shorter context or a smaller cache format, or raise the budget."
            : "Try again when they are done, or raise the budget.";
        return new(
            $"'{hosted.Source.Name}' needs {need.Least} bytes ({need.Weights} for weights, the rest for {need.LeastTokens} tokens of cache); {free} of {_budget} are free.{who} {remedy}",
            need.Least, free);
    }
}
