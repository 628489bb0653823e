using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Blocks;

namespace Thimble.Scheduling;

/// <summary>Runs all turns of a model together: plans each step, computes it, and lets every turn take its outcome.</summary>
/// <remarks>One thread owns the model's computation; it sleeps while there is nothing to do.</remarks>
internal sealed class Engine : IDisposable
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(20);

    private readonly Model _model;
    private readonly Pass _pass;
    private readonly Batcher _batcher;
    private readonly Step _step;
    private readonly EngineMeter _meter;
    private readonly Queue<Turn> _arrived = [];
    private readonly Queue<Sequence> _retired = [];
    private readonly SemaphoreSlim _work = new(0);
    private readonly Thread _thread;
    private volatile bool _closed;
    private int _guests;

    /// <summary>Starts the thread.</summary>
    public Engine(Model model, Decoder decoder, Team team, Batcher batcher)
    {
        (_model, _batcher, _pass) = (model, batcher, new Pass(team));
        _step = new Step(_pass, decoder);
        _meter = new EngineMeter(model.Time);
        _thread = new Thread(Work) { IsBackground = true, Name = "Thimble engine" };
        _thread.Start();
    }

    /// <summary>Held while states change: a step, a fork.</summary>
    public Lock Gate { get; } = new();

    /// <summary>What it has done so far, as of the latest step.</summary>
    public EngineStatistics Statistics => _meter.Read();

    /// <summary>Whether keys that several sequences share are met once for all of them.</summary>
    public bool SharesKeys
    {
        get => _pass.SharesKeys;
        set => _pass.SharesKeys = value;
    }

    /// <summary>Keys of all layers that were not met again since sequences share them.</summary>
    public long KeysSpared => _pass.KeysSpared;

    /// <summary>The calibrated softmax; null for the one that needs none.</summary>
    public FlashDecodingPlusPlus? FlashDecoding
    {
        get => _pass.FlashDecoding;
        set => _pass.FlashDecoding = value;
    }

    /// <summary>Takes a turn in.</summary>
    public void Start(Turn turn)
    {
        lock (_arrived)
        {
            ObjectDisposedException.ThrowIf(_closed, _model);
            _arrived.Enqueue(turn);
        }

        Wake();
    }

    /// <summary>Takes a sequence back whose owner lets it go.</summary>
    public void Retire(Sequence sequence)
    {
        lock (_arrived)
        {
            if (_closed)
                return;   // its pages go with the model's
            _retired.Enqueue(sequence);
        }

        Wake();
    }

    /// <summary>A second sequence that begins like one in which nothing runs.</summary>
    public Sequence Fork(Sequence sequence)
    {
        Sequence? copy = null;
        Enter(() =>
        {
            copy = sequence.Fork();
            _batcher.Roster.Rest(copy);
        });
        return copy!;
    }

    /// <summary>Lets all tenants share what is computed of a text.</summary>
    public void Declare(int[] text) => Enter(() => _batcher.Prefixes.Tree.Declare(text));

    /// <summary>Changes who keeps what, between two steps.</summary>
    public void Between(Action<Batcher> work) => Enter(() => work(_batcher));

    /// <summary>Lets the thread look again: something arrived, was cancelled, or was read.</summary>
    public void Wake()
    {
        if (_work.CurrentCount == 0)
            _work.Release();
    }

    /// <summary>Runs work of its own on the model, between two steps.</summary>
    /// <param name="work">Given the run, empty.</param>
    public void Use(Action<Pass> work) => Enter(() =>
    {
        using Arena.Scope _ = _pass.Scratch.Mark();
        _pass.Clear();
        _model.RequireUnchanged();
        work(_pass);
    });

    /// <summary>Ends the thread after its current step; what runs is cancelled.</summary>
    public void Dispose()
    {
        lock (_arrived)
            _closed = true;
        _work.Release();
        _thread.Join();
        _pass.Dispose();
        _work.Dispose();
    }

    /// <summary>Does something between two steps, however closely they follow one another.</summary>
    private void Enter(Action work)
    {
        Interlocked.Increment(ref _guests);
        lock (Gate)
        {
            Interlocked.Decrement(ref _guests);
            work();
        }
    }

    private void Work()
    {
        _pass.Team.Pin();
        while (!_closed)
        {
            // A lock is not fair: who has just left it would take it again before those who wait.
            if (Volatile.Read(ref _guests) > 0)
                Thread.Yield();
            bool stepped;
            lock (Gate)
            {
                TakeArrived();
                stepped = OneStep();
            }

            if (!stepped && !_closed && !(_model.Drafting?.Study() ?? false))
                Sleep();
        }

        TakeArrived();
        Cancel(_batcher.Roster.Running);
        Cancel(_batcher.Roster.Waiting);
    }

    private static void Cancel(ReadOnlySpan<Turn> turns)
    {
        foreach (Turn turn in turns)
        {
            if (turn.GoesOn())
                turn.Stop();
        }
    }

    /// <summary>Waits until something changes, or the first deadline passes.</summary>
    private void Sleep()
    {
        TimeSpan? left = _batcher.Roster.Running.Length > 0 ? s_retry : null;
        foreach (Turn turn in _batcher.Roster.Waiting)
            left = turn.Left is { } own && !(own >= left) ? own : left;
        if (left is { } time)
            _work.Wait((int)Math.Clamp(time.TotalMilliseconds + 1, 1, 60_000));
        else
            _work.Wait();
    }

    private void TakeArrived()
    {
        lock (_arrived)
        {
            while (_arrived.TryDequeue(out Turn? turn))
                _batcher.Arrive(turn);
            while (_retired.TryDequeue(out Sequence? sequence))
                _batcher.Roster.Retire(sequence);
        }
    }

    /// <summary>One step of all turns that can go on.</summary>
    /// <returns>Whether there was anything to compute.</returns>
    private bool OneStep()
    {
        _meter.Begin();
        _batcher.Plan();
        ReadSources();
        if (_batcher.Seats.Length == 0)
        {
            _meter.Idle(_batcher);
            return false;
        }

        long computed = _meter.Now;
        try
        {
            _model.RequireUnchanged();
            _step.Run(_batcher.Seats);
        }
        catch (Exception failure)
        {
            // The thread must live for the others: each runs alone until the one at fault is found.
            _batcher.TakeBack()?.Fail(failure);
            return true;
        }

        computed = _meter.Now - computed;
        Observe(computed);
        foreach (Seat seat in _batcher.Seats)
            Step.Take(seat.Turn);
        _batcher.Complete();
        _meter.End(_batcher, computed);
        foreach (Seat seat in _batcher.Seats)
        {
            if (seat.Turn.Standing.Fault is { } fault)
                seat.Turn.Fail(fault);
            else
                seat.Turn.Publish();
        }

        return true;
    }

    /// <summary>Lets drafts learn what the step cost.</summary>
    private void Observe(long computed)
    {
        if (_model.Drafting is null)
            return;

        int rows = 0;
        bool writes = true;
        foreach (Seat seat in _batcher.Seats)
        {
            rows += seat.Rows;
            writes &= seat.Writes;
        }

        _model.Drafting.Observe(rows, _model.Time.GetElapsedTime(0, computed), writes);
    }

    /// <summary>Lets an encoder read the prompts of those that have one to read.</summary>
    private void ReadSources()
    {
        for (int i = _batcher.Seats.Length - 1; i >= 0; i--)
        {
            Turn turn = _batcher.Seats[i].Turn;
            if (turn.Sequence.Unread is null)
                continue;

            try
            {
                _model.RequireUnchanged();
                _model.Read(_pass, turn.Sequence);
            }
            catch (Exception failure)
            {
                // Where the memory for what was read is full, it waits for others to end.
                if (failure is not CapacityException || _batcher.Roster.Running.Length == 1)
                    turn.Fail(failure);
                _batcher.Postpone(turn);
            }
        }
    }
}
