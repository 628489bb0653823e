namespace Thimble.Scheduling;

/// <summary>The calls that are ready to run, and where each goes.</summary>
/// <remarks>
/// <para>Later stages go first, so that what was begun ends; of equal ones, those that came first. A group goes to one model together, as
/// many as fit; so do calls that begin alike; a call whose beginning some model knows goes there if it can.</para>
/// <para>Source: Lin et al., "Parrot", 2024, algorithm 1. The choice of a model is our own: it must have room in calls and in tokens; a
/// known beginning counts first, then that what is wanted soon and what is not keep apart, then the tightest fit.</para>
/// </remarks>
/// <param name="engines">The models.</param>
/// <param name="options">How calls run.</param>
internal sealed class CallQueue(IReadOnlyList<CallEngine> engines, ParrotOptions options)
{
    private readonly List<SemanticCall> _ready = [];

    /// <summary>Calls in it.</summary>
    public int Count => _ready.Count;

    /// <summary>A call becomes ready.</summary>
    public void Add(SemanticCall call) => _ready.Add(call);

    /// <summary>Takes out the calls of some kind.</summary>
    public List<SemanticCall> Remove(Predicate<SemanticCall> kind)
    {
        List<SemanticCall> removed = _ready.FindAll(kind);
        _ready.RemoveAll(kind);
        return removed;
    }

    /// <summary>Takes out the calls that can run now, each with the model it goes to and counted there.</summary>
    public List<(SemanticCall Call, CallEngine Engine)> Place()
    {
        List<(SemanticCall, CallEngine)> placed = [];
        _ready.Sort(static (a, b) => a.Depth != b.Depth ? b.Depth.CompareTo(a.Depth) : a.Number.CompareTo(b.Number));
        foreach (SemanticCall call in _ready.ToArray())
        {
            if (!_ready.Contains(call))
                continue;

            List<SemanticCall> company = Company(call);
            if (Find(call) is not { } engine)
                continue;

            Put(call, engine);
            foreach (SemanticCall other in company.Where(engine.Takes))
                Put(other, engine);
        }

        return placed;

        void Put(SemanticCall call, CallEngine engine)
        {
            _ready.Remove(call);
            engine.Add(call);
            placed.Add((call, engine));
        }
    }

    /// <summary>The calls that would best run where this one does: its group's, or those that begin as it does.</summary>
    private List<SemanticCall> Company(SemanticCall call)
    {
        if (call.Group != 0 && options.Deduces)
            return _ready.FindAll(other => other.Group == call.Group && !ReferenceEquals(other, call));
        return options.Gathers && call.Prefixes.Length > 0
            ? _ready.FindAll(other => other.Prefixes.Length > 0 && other.Prefixes[0] == call.Prefixes[0] && other.Objective == call.Objective && !ReferenceEquals(other, call))
            : [];
    }

    private CallEngine? Find(SemanticCall call)
    {
        CallEngine? best = null;
        foreach (CallEngine engine in engines)
        {
            if (engine.Takes(call) && (best is null || IsBetter(engine, best)))
                best = engine;
        }

        return best;

        bool IsBetter(CallEngine a, CallEngine b)
        {
            int known = options.Gathers ? a.Known(call) - b.Known(call) : 0;
            bool soon = call.Objective == CallObjective.Latency;
            int alike = (Apart(a) ? 0 : 1) - (Apart(b) ? 0 : 1);
            return alike != 0 ? alike > 0 : known != 0 ? known > 0 : soon ? a.Running < b.Running : a.Room < b.Room;

            bool Apart(CallEngine engine) => options.Deduces && engine.Running > 0 && engine.IsUrgent != soon;
        }
    }
}
