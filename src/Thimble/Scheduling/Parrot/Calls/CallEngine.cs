namespace Thimble.Scheduling;

/// <summary>One of the models that calls run on, and what runs there.</summary>
/// <param name="model">The model.</param>
/// <param name="number">Its number.</param>
/// <param name="options">How calls run.</param>
internal sealed class CallEngine(Model model, int number, ParrotOptions options)
{
    private const int Remembered = 4096;

    private readonly HashSet<ulong> _met = [];
    private readonly Queue<ulong> _order = [];
    private readonly List<SemanticCall> _running = [];

    /// <summary>The model.</summary>
    public Model Model { get; } = model;

    /// <summary>Its number.</summary>
    public int Number { get; } = number;

    /// <summary>Calls that run.</summary>
    public int Running => _running.Count;

    /// <summary>Tokens that they hold.</summary>
    public int Tokens { get; private set; }

    /// <summary>Whether one of them is wanted soon.</summary>
    public bool IsUrgent => _running.Exists(IsSoon);

    /// <summary>Tokens that there is still room for, if it stays as it is.</summary>
    public int Room => (IsUrgent ? options.LatencyTokens : options.ThroughputTokens) - Tokens;

    /// <summary>Whether a call may run beside the others.</summary>
    public bool Takes(SemanticCall call)
    {
        if (call.Options.Model is { } name && name != Model.Name)
            return false;
        if (_running.Count == 0)
            return true;

        bool soon = IsUrgent || IsSoon(call);
        return _running.Count < (soon ? options.LatencyCalls : options.ThroughputCalls)
            && Tokens + call.Need <= (soon ? options.LatencyTokens : options.ThroughputTokens);
    }

    /// <summary>How many of a call's beginnings have run here before.</summary>
    public int Known(SemanticCall call)
    {
        int known = 0;
        while (known < call.Prefixes.Length && _met.Contains(call.Prefixes[known]))
            known++;
        return known;
    }

    /// <summary>A call begins to run.</summary>
    public void Add(SemanticCall call)
    {
        _running.Add(call);
        Tokens += call.Need;
        foreach (ulong prefix in call.Prefixes)
        {
            if (_met.Add(prefix))
                _order.Enqueue(prefix);
        }

        while (_order.Count > Remembered)
            _met.Remove(_order.Dequeue());
    }

    /// <summary>A call has ended.</summary>
    public void Remove(SemanticCall call)
    {
        if (_running.Remove(call))
            Tokens -= call.Need;
    }

    private bool IsSoon(SemanticCall call) => call.Objective == CallObjective.Latency || !options.Deduces;
}
