using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;
using Thimble.Compute.Threads;
using Thimble.Models.Blocks;
using Thimble.Sampling;

namespace Thimble.Scheduling;

/// <summary>Runs all generations of a model together: each step computes one more token of each, or a piece of its prompt.</summary>
/// <remarks>One thread owns the model's computation; it sleeps while there is nothing to do.</remarks>
internal sealed class Engine : IDisposable
{
    private readonly Model _model;
    private readonly Decoder _decoder;
    private readonly Pass _pass;
    private readonly List<Generation> _running = [], _stepping = [];
    private readonly Queue<Generation> _arrived = [];
    private readonly SemaphoreSlim _work = new(0);
    private readonly Thread _thread;
    private readonly int _chunk;
    private volatile bool _closed;

    /// <summary>Starts the thread.</summary>
    public Engine(Model model, Decoder decoder, Team team, int chunk)
    {
        (_model, _decoder, _chunk) = (model, decoder, chunk);
        _pass = new Pass(team);
        _thread = new Thread(Work) { IsBackground = true, Name = "Thimble engine" };
        _thread.Start();
    }

    /// <summary>Held while states change: a step, a fork, a cut.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The calibrated softmax; null for the one that needs none.</summary>
    public FlashDecodingPlusPlus? FlashDecoding
    {
        get => _pass.FlashDecoding;
        set => _pass.FlashDecoding = value;
    }

    /// <summary>Takes a generation in.</summary>
    public void Start(Generation generation)
    {
        lock (_arrived)
        {
            ObjectDisposedException.ThrowIf(_closed, _model);
            _arrived.Enqueue(generation);
        }

        Wake();
    }

    /// <summary>Lets the thread look again: something arrived, was cancelled, or was read.</summary>
    public void Wake()
    {
        if (_work.CurrentCount == 0)
            _work.Release();
    }

    /// <summary>Runs work of its own on the model, between two steps of the generations.</summary>
    /// <param name="work">Given the run, empty.</param>
    public void Use(Action<Pass> work)
    {
        lock (Gate)
        {
            using Arena.Scope _ = _pass.Scratch.Mark();
            _pass.Clear();
            _model.RequireUnchanged();
            work(_pass);
        }
    }

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

    private void Work()
    {
        _pass.Team.Pin();
        while (!_closed)
        {
            TakeArrived();
            bool stepped = false;
            if (_running.Count > 0)
            {
                lock (Gate)
                    stepped = Step();
            }

            if (!stepped && !_closed)
                _work.Wait();
        }

        TakeArrived();
        foreach (Generation generation in _running)
            generation.End(FinishReason.Cancelled);
    }

    private void TakeArrived()
    {
        lock (_arrived)
        {
            while (_arrived.TryDequeue(out Generation? generation))
                _running.Add(generation);
        }
    }

    /// <summary>One step of all generations that can go on.</summary>
    /// <returns>Whether there was anything to compute.</returns>
    private bool Step()
    {
        foreach (Generation generation in _running)
            Read(generation);

        using Arena.Scope _ = _pass.Scratch.Mark();
        _pass.Clear();
        _stepping.Clear();
        int room = _chunk;
        for (int i = 0; i < _running.Count; i++)
            Admit(_running[i], ref room);

        if (_stepping.Count > 0)
        {
            try
            {
                _model.RequireUnchanged();
                Compute();
            }
            catch (Exception failure)
            {
                // Whatever went wrong belongs to those in this step; the thread must live for the others.
                foreach (Generation generation in _stepping)
                    generation.Fail(failure);
            }
        }

        _running.RemoveAll(static generation => generation.FinishReason != FinishReason.None);
        return _stepping.Count > 0;
    }

    /// <summary>Lets an encoder read a generation's prompt, if there is one to read.</summary>
    private void Read(Generation generation)
    {
        if (generation.Sequence.Unread is null || generation.IsCancelled)
            return;

        generation.Clock.Start();
        try
        {
            _model.RequireUnchanged();
            _model.Read(_pass, generation.Sequence);
        }
        catch (Exception failure)
        {
            generation.Fail(failure);   // as in a step: the thread must live for the others
        }
    }

    private void Admit(Generation generation, ref int room)
    {
        if (generation.IsCancelled)
        {
            generation.End(FinishReason.Cancelled);
            return;
        }

        if (generation.IsLate)
        {
            generation.End(FinishReason.Deadline);
            return;
        }

        if (room == 0 || generation.IsFull || generation.FinishReason != FinishReason.None)
            return;

        generation.Clock.Start();
        ReadOnlySpan<int> pending = generation.Sequence.Pending;
        ReadOnlySpan<int> chunk = pending[..generation.Sequence.Ready(room)];
        try
        {
            (AdaptationSet? adapters, int alike) = generation.Sequence.Adapters.At(generation.Sequence.State.Length, chunk.Length);
            chunk = chunk[..alike];
            _pass.Add(generation.Sequence.State, chunk, chunk.Length == pending.Length ? 1 : 0, adapters, generation.Sequence.Inserts);
        }
        catch (CapacityException failure)
        {
            generation.Fail(failure);
            return;
        }

        room = Math.Max(0, room - chunk.Length);
        _stepping.Add(generation);
    }

    private void Compute()
    {
        Matrix vectors = _decoder.Forward(_pass);
        if (vectors.Rows == 0)
            return;

        Matrix logits = _decoder.Head!.Apply(_pass, vectors);
        int row = 0;
        foreach (Generation generation in _stepping)
        {
            if (generation.Sequence.Pending.Length > 0)
                continue;

            if (generation.Clock.Generated == 0)
                generation.Sequence.Snapshot();
            ReadOnlySpan<float> own = logits[row++][.._model.VocabularySize];
            if (generation.Choose(own) is { } token)
                generation.Take(token, TokenLikelihood.Of(token, own, generation.Options.TopLogProbabilities));
        }
    }
}
