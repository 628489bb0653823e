namespace Thimble.Scheduling;

/// <summary>Reads the time at the turns of one generation.</summary>
internal sealed class GenerationClock
{
    private readonly Model _model;
    private readonly Sequence _sequence;
    private readonly long _called;
    private long _started, _first, _last;

    /// <summary>Starts at the call.</summary>
    public GenerationClock(Model model, Sequence sequence)
    {
        (_model, _sequence) = (model, sequence);
        Prompt = sequence.Length;
        _called = model.Time.GetTimestamp();
    }

    /// <summary>Tokens generated.</summary>
    public int Generated { get; private set; }

    /// <summary>Tokens of the prompt.</summary>
    public int Prompt { get; }

    /// <summary>Tokens of the prompt that were known before.</summary>
    public int Cached { get; private set; }

    /// <summary>Time since the call.</summary>
    public TimeSpan Elapsed => _model.Time.GetElapsedTime(_called);

    /// <summary>Its first step begins.</summary>
    public void Start()
    {
        if (_started != 0)
            return;

        _started = _model.Time.GetTimestamp();
        Cached = _sequence.State.Length;
    }

    /// <summary>A token has been chosen.</summary>
    public void Token()
    {
        _last = _model.Time.GetTimestamp();
        if (Generated++ == 0)
            _first = _last;
    }

    /// <summary>The times so far.</summary>
    public GenerationTimings Read() => new(
        _model.LoadTime, Between(_called, _first), Between(_started, _first), Between(_first, _last),
        Prompt, Cached, Generated, _model.WeightBytesPerToken + (_model.CacheBytesPerToken * _sequence.Length));

    private TimeSpan Between(long from, long to) => from == 0 || to == 0 ? TimeSpan.Zero : _model.Time.GetElapsedTime(from, to);
}
