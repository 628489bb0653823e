using System.Threading.Tasks.Sources;
using Thimble.Grammar;
using Thimble.Models.Tokens;
using Thimble.Sampling;
using Thimble.Scheduling;

namespace Thimble;

/// <summary>A running text: an asynchronous stream of the pieces of text that a model writes.</summary>
/// <remarks>The model works ahead of the reader by at most <see cref="Ahead"/> tokens. Enumerate once, either as text or by
/// <see cref="Tokens"/>. Reading allocates nothing once the vocabulary's texts are known.</remarks>
public sealed class Generation : IAsyncEnumerable<string>, IAsyncEnumerator<GeneratedToken>, IValueTaskSource<bool>, IThreadPoolWorkItem
{
    internal const int Ahead = 64;

    private const int Most = 4096;   // tokens for which there is room at once where nobody says how many

    private readonly Model _model;
    private readonly Session _session;
    private readonly bool _ownsSession;
    private readonly Detokenizer _detokenizer;
    private readonly StopText? _stop;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private readonly Queue<GeneratedToken> _ready = new(Ahead + 4);
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<bool> _source;
    private bool _waiting;
    private volatile bool _cancelled;
    private Exception? _failure;

    internal Generation(Model model, Session session, GenerationOptions options, CancellationToken cancellation, bool ownsSession = false)
    {
        options = options with { Sampling = options.Sampling.Over(model.DefaultSampling) };
        (_model, _session, Options, _cancellation, _ownsSession) = (model, session, options, cancellation, ownsSession);
        Sampler = new Sampler(options.Sampling, model.VocabularySize, model.DryBreakers(options.Sampling), Math.Min(model.ContextLength, session.Length + (options.MaxTokens ?? Most)));
        _detokenizer = new Detokenizer(model.Tokenizer, options.ShowSpecial);
        Matcher = options.Format is { } format ? model.Grammars.Of(format).Begin() : null;
        _stop = options.Stop.Count > 0 ? new StopText(options.Stop) : null;
        Sampler.Observe(session.Sequence.Inserts.IsEmpty ? session.Sequence.Tokens : [.. session.Tokens().Where(token => token >= 0)]);
        Clock = new GenerationClock(model, session.Sequence);
        Turn = options.Drafts && model.Drafting is { } drafting ? new DraftTurn(this, drafting) : new GenerationTurn(this);
        _registration = cancellation.Register(static state => ((Generation)state!).Cancel(), this);
    }

    /// <summary>Why it ended; <see cref="FinishReason.None"/> while it runs.</summary>
    public FinishReason FinishReason { get; private set; }

    /// <summary>How long it took so far.</summary>
    public GenerationTimings Timings => Clock.Read();

    /// <summary>What came of guessing several tokens at once, so far.</summary>
    public DraftStatistics Drafts => Turn is DraftTurn turn
        ? new(turn.Counts.Drafts, turn.Counts.Drafted, turn.Counts.Accepted, TimeSpan.FromSeconds(turn.Counts.Seconds))
        : default;

    /// <summary>The seed it draws from: the one asked for, or the one picked.</summary>
    public ulong Seed => Sampler.Seed;

    /// <summary>The latest token, while tokens are enumerated.</summary>
    public GeneratedToken Current { get; private set; }

    /// <summary>Tokens of the prompt, what a session held before included.</summary>
    public int PromptTokens => Clock.Prompt;

    /// <summary>Tokens of the prompt that needed no computing, since a session or an earlier prompt of the tenant had them; final once a token has come.</summary>
    public int CachedTokens => Clock.Cached;

    internal GenerationOptions Options { get; }

    internal Sampler Sampler { get; }

    /// <summary>Keeps to the format; null where none is asked for.</summary>
    internal Matcher? Matcher { get; }

    internal GenerationClock Clock { get; }

    internal Sequence Sequence => _session.Sequence;

    /// <summary>Its part in the model's steps.</summary>
    internal Turn Turn { get; }

    internal int VocabularySize => _model.VocabularySize;

    internal int ContextLength => _model.ContextLength;

    /// <summary>The time left to it; null for as much as it needs.</summary>
    internal TimeSpan? Left => Options.Deadline - Clock.Elapsed;

    /// <summary>Whether the reader is so far behind that the model waits for it.</summary>
    internal bool IsFull
    {
        get
        {
            lock (_lock)
                return _ready.Count >= Ahead;
        }
    }

    /// <summary>Ends it within one step.</summary>
    public void Cancel()
    {
        _cancelled = true;
        _model.Engine.Wake();
    }

    /// <summary>The tokens as they come.</summary>
    /// <param name="cancellationToken">Ends the generation.</param>
    public async IAsyncEnumerable<GeneratedToken> Tokens(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using CancellationTokenRegistration _ = cancellationToken.Register(static state => ((Generation)state!).Cancel(), this);
        try
        {
            while (await MoveNextAsync().ConfigureAwait(false))
                yield return Current;
        }
        finally
        {
            await DisposeAsync().ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>The text as it comes, in pieces that never split a character.</summary>
    /// <param name="cancellationToken">Ends the generation.</param>
    public async IAsyncEnumerator<string> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await foreach (GeneratedToken token in Tokens(cancellationToken).ConfigureAwait(false))
        {
            if (token.Text.Length > 0)
                yield return token.Text;
        }
    }

    /// <summary>Reads to the end.</summary>
    /// <param name="cancellationToken">Ends the generation.</param>
    /// <returns>The whole text.</returns>
    public async Task<string> TextAsync(CancellationToken cancellationToken = default)
    {
        var text = new System.Text.StringBuilder();
        await foreach (string piece in this.WithCancellation(cancellationToken).ConfigureAwait(false))
            text.Append(piece);
        return text.ToString();
    }

    /// <summary>Waits for the next token.</summary>
    /// <returns>Whether there is one.</returns>
    public ValueTask<bool> MoveNextAsync()
    {
        lock (_lock)
        {
            if (!TryTake())
            {
                if (FinishReason != FinishReason.None)
                    return new(Ended());
                _source.Reset();
                _waiting = true;
                return new(this, _source.Version);
            }
        }

        return new(true);
    }

    /// <summary>Ends it if it runs.</summary>
    public ValueTask DisposeAsync()
    {
        if (FinishReason == FinishReason.None)
            Cancel();
        _registration.Dispose();
        if (_ownsSession)
            _session.Dispose();
        return default;
    }

    /// <summary>Whether it goes on; ends it if it was cancelled or is late.</summary>
    internal bool GoesOn()
    {
        if (FinishReason == FinishReason.None && _cancelled)
            End(FinishReason.Cancelled);
        else if (FinishReason == FinishReason.None && Left <= TimeSpan.Zero)
            End(FinishReason.Deadline);
        return FinishReason == FinishReason.None;
    }

    /// <summary>Takes a chosen token: turns it into text and finds out whether the generation goes on.</summary>
    /// <param name="token">The token.</param>
    /// <param name="likely">What the model thought of it and of others; default where nobody asked.</param>
    /// <returns>What the reader will get, and why it ends with that.</returns>
    internal (GeneratedToken? Token, FinishReason Reason) Take(int token, TokenLikelihood likely)
    {
        Clock.Token();
        bool isEnd = (!Options.IgnoreEnd || Matcher is not null) && _model.Tokenizer.IsEndOfGeneration(token);
        if (isEnd)
        {
            string rest = Rest();
            return (rest.Length > 0 ? new GeneratedToken(-1, rest) : null, FinishReason.EndOfText);
        }

        Matcher?.Accept(token);
        Sequence.Append(token);
        string text = _detokenizer.Push(token);
        bool stopped = _stop is not null && _stop.Push(ref text);
        bool enough = Clock.Generated >= (Options.MaxTokens ?? int.MaxValue), full = Sequence.Length >= _model.ContextLength;
        FinishReason reason = stopped ? FinishReason.Stop
            : Matcher is { IsFinished: true } ? FinishReason.EndOfText
            : enough ? FinishReason.MaxTokens
            : full ? FinishReason.ContextFull
            : FinishReason.None;
        if (reason is FinishReason.MaxTokens or FinishReason.ContextFull or FinishReason.EndOfText)
            text += Rest();
        return (new GeneratedToken(token, text) { LogProbability = likely.Own, TopLogProbabilities = likely.Top }, reason);
    }

    /// <summary>Ends it without another token.</summary>
    internal void End(FinishReason reason) => Publish(null, reason);

    /// <summary>Ends it by a fault, which the reader will see.</summary>
    internal void Fail(Exception failure)
    {
        _failure = failure;
        Publish(null, FinishReason.Cancelled);
    }

    void IThreadPoolWorkItem.Execute() => _source.SetResult(true);

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _source.GetResult(token);
        lock (_lock)
        {
            if (TryTake())
                return true;
        }

        return Ended();
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <summary>Takes the next token, and wakes the model if it was waiting for room; called under the lock.</summary>
    private bool TryTake()
    {
        if (!_ready.TryDequeue(out GeneratedToken token))
            return false;

        Current = token;
        if (_ready.Count == Ahead - 1)
            _model.Engine.Wake();
        return true;
    }

    /// <summary>What a reader gets after the last token: a fault, a cancellation, or no.</summary>
    private bool Ended()
    {
        if (_failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        _cancellation.ThrowIfCancellationRequested();
        return false;
    }

    private string Rest() => (_stop?.Rest() ?? "") + _detokenizer.Flush();

    /// <summary>Gives the reader a token, and tells it if that was the last.</summary>
    internal void Publish(GeneratedToken? token, FinishReason reason)
    {
        bool wake;
        lock (_lock)
        {
            if (token is { } value)
                _ready.Enqueue(value);
            FinishReason = reason;
            wake = _waiting;
            _waiting = false;
        }

        // The reader goes on in the pool: it must never hold up the thread that computes.
        if (wake)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
