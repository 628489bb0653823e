using Thimble.Compute;

namespace Thimble.Scheduling;

/// <summary>Runs prompts with named inputs and outputs, sent ahead as a graph: a value that one call writes goes to the next without the
/// way to the client and back, and what is asked for tells which calls should be fast and which many at a time.</summary>
/// <remarks>
/// <para>Why it works: a client that chains calls waits a round trip for each, and a service that sees single calls cannot know that
/// sixteen of them feed one. Seeing the graph it can run those sixteen as one batch and the chain at once, and calls that begin alike,
/// with a text that was itself written included, on the model that has computed it.</para>
/// <para>Ours: calls run once something they lead to is asked for, since only then their objective is known. Beginnings are shared by the
/// prefix cache of each model, within a tenant; <see cref="Model.SharePrefix"/> makes one public. Models are those of one process.</para>
/// </remarks>
[Technique("Parrot", "Lin et al., Parrot: Efficient Serving of LLM-based Applications with Semantic Variable, 2024, sections 4 and 5")]
public sealed class Parrot : ISemanticRunner, IDisposable
{
    private const int VariableCharacters = 256;   // what a variable takes beside its text, roughly

    private readonly ParrotOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SemanticSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SemanticVariable> _variables = new(StringComparer.Ordinal);
    private readonly CallEngine[] _engines;
    private readonly CallQueue _queue;
    private long _calls, _names, _groups;
    private int _open;
    private bool _disposed;

    /// <summary>A service over models.</summary>
    /// <param name="models">The models, which stay their opener's; several may be the same file opened more than once.</param>
    /// <param name="options">How calls run.</param>
    /// <param name="time">The clock of sessions' lives; null for the system's.</param>
    public Parrot(IReadOnlyList<Model> models, ParrotOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        if (models.Count == 0)
            throw new ArgumentException("There are 0 models; calls need at least 1.", nameof(models));

        (_options, _time) = (options ?? new(), time ?? TimeProvider.System);
        _engines = [.. models.Select((model, number) => new CallEngine(model, number, _options))];
        _queue = new CallQueue(_engines, _options);
    }

    /// <summary>Told of each call that begins to run; null for nobody.</summary>
    internal Action<CallTrace>? Trace { get; set; }

    /// <summary>Told of what each written output took; null for nobody.</summary>
    internal Action<GenerationTimings>? Ended { get; init; }

    /// <summary>Sessions that are open.</summary>
    internal int Sessions => _sessions.Count;

    /// <summary>Opens a session.</summary>
    /// <param name="tenant">Whose it is: only its calls share what is computed of their beginnings; null for all who name none.</param>
    /// <exception cref="CapacityException">The tenant has as many open as it may.</exception>
    public SemanticSession OpenSession(string? tenant = null) => OpenSession(tenant, priority: 0);

    /// <summary>Opens a session whose calls go before others'.</summary>
    internal SemanticSession OpenSession(string? tenant, int priority)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Expire();
            if (SessionsOf(tenant ?? "").Count() >= _options.MaxSessions)
                throw new CapacityException($"{_options.MaxSessions} sessions are open, as many as may be; close some.", _options.MaxSessions + 1, _options.MaxSessions);
            var session = new SemanticSession(this, $"s{NewName()}", tenant ?? "") { Used = _time.GetTimestamp(), Priority = priority };
            _sessions.Add(session.Id, session);
            return session;
        }
    }

    /// <summary>Closes all sessions. The models stay open.</summary>
    public void Dispose()
    {
        SemanticSession[] sessions;
        lock (_lock)
        {
            _disposed = true;
            sessions = [.. _sessions.Values];
        }

        foreach (SemanticSession session in sessions)
            Close(session);
    }

    /// <summary>A session by its id; null if there is none, or it is another tenant's.</summary>
    internal SemanticSession? FindSession(string id, string tenant)
    {
        lock (_lock)
        {
            Expire();
            if (!_sessions.TryGetValue(id, out SemanticSession? session) || session.Tenant != tenant)
                return null;
            session.Used = _time.GetTimestamp();
            return session;
        }
    }

    /// <summary>A variable by its id; null if there is none, or it is another tenant's.</summary>
    internal SemanticVariable? FindVariable(string id, string tenant)
    {
        lock (_lock)
        {
            Expire();
            if (!_variables.TryGetValue(id, out SemanticVariable? variable) || variable.Session.Tenant != tenant)
                return null;
            variable.Session.Used = _time.GetTimestamp();
            return variable;
        }
    }

    /// <summary>Closes sessions that nobody has used for long.</summary>
    internal void Sweep()
    {
        lock (_lock)
            Expire();
    }

    /// <summary>Calls of a session that have not ended, and its variables.</summary>
    internal (int Calls, SemanticVariable[] Variables) Look(SemanticSession session)
    {
        lock (_lock)
            return (session.Calls.Count, [.. session.Variables.Values]);
    }

    SemanticVariable ISemanticRunner.Make(SemanticSession session, string name)
    {
        lock (_lock)
            return MakeLocked(session, name);
    }

    SemanticCall ISemanticRunner.Submit(SemanticSession session, SemanticFunction function, Dictionary<string, SemanticVariable> variables, SemanticCallOptions options)
    {
        foreach (string transform in options.Transforms.Values)
            CallPrompt.RequireKnown(transform);
        lock (_lock)
        {
            RequireOpen(session);
            if (_open >= _options.MaxCalls)
                throw new CapacityException($"{_open} calls have not ended and {_options.MaxCalls} are the most; wait for some.", _open + 1, _options.MaxCalls);
            if (SessionsOf(session.Tenant).Sum(one => one.Calls.Count) >= _options.MaxCallsOfTenant)
                throw new CapacityException($"{_options.MaxCallsOfTenant} calls of one tenant have not ended, as many as may be; wait for some.", _options.MaxCallsOfTenant + 1, _options.MaxCallsOfTenant);
            if (options.Model is { } model && !_engines.Any(engine => engine.Model.Name == model))
                throw new ArgumentException($"There is no model '{model}' here; there are: {string.Join(", ", _engines.Select(engine => engine.Model.Name).Distinct())}.", nameof(options));
            CallBinding.Require(session, function, variables);
            Count(session, function.Template.Length);
            SemanticCall call = CallBinding.Bind(session, function, variables, options, output => MakeLocked(session, output));
            call.Number = ++_calls;
            session.Calls.Add(call);
            _open++;
            call.Depth = 0;
            Objectives.Deepen(call);
            foreach (SemanticVariable asked in session.Variables.Values.Where(variable => variable.Criterion is not null).ToArray())
                Objectives.Deduce(asked, ref _groups);
            if (call.Inputs.FirstOrDefault(input => input.Failure is not null) is { } failed)
                Fail(call, failed.Failure!);
            Advance(session.Calls);
            return call;
        }
    }

    Task<string> ISemanticRunner.AskAsync(SemanticVariable variable, SemanticCriterion criterion, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            variable.Session.Used = _time.GetTimestamp();
            if (variable.Criterion is null or SemanticCriterion.Throughput)
                variable.Criterion = criterion;
            Objectives.Deduce(variable, ref _groups);
            Advance(variable.Session.Calls);
        }

        return variable.Task.WaitAsync(cancellationToken);
    }

    void ISemanticRunner.Give(SemanticVariable variable, string value)
    {
        lock (_lock)
        {
            RequireOpen(variable.Session);
            if (variable.IsSettled || variable.Producer is not null)
                throw new InvalidOperationException($"The variable '{variable.Name}' {(variable.IsSettled ? "has a value" : "is written by a call")}; give values to others only.");
            Count(variable.Session, value.Length);
            variable.Settle(value, [], null);
            Advance(variable.Consumers);
        }
    }

    void ISemanticRunner.Close(SemanticSession session) => Close(session);

    private void Close(SemanticSession session)
    {
        lock (_lock)
        {
            if (!_sessions.Remove(session.Id))
                return;

            _queue.Remove(call => ReferenceEquals(call.Session, session));
            var closed = new ObjectDisposedException(session.Id, $"The session '{session.Id}' was closed.");
            foreach (SemanticCall call in session.Calls.Where(call => call.State != CallState.Running).ToArray())
                Fail(call, closed);
            foreach (SemanticVariable variable in session.Variables.Values)
            {
                variable.Fail(closed);
                _variables.Remove(variable.Id);
            }
        }

        session.Stop.Cancel();
    }

    /// <summary>A name that nobody guesses.</summary>
    private string NewName() => $"{++_names}-{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8))}";

    private SemanticVariable MakeLocked(SemanticSession session, string name)
    {
        RequireOpen(session);
        Count(session, name.Length + VariableCharacters);
        var variable = new SemanticVariable(session, $"v{NewName()}", name);
        session.Add(variable);
        _variables.Add(variable.Id, variable);
        return variable;
    }

    private void RequireOpen(SemanticSession session) =>
        ObjectDisposedException.ThrowIf(_disposed || !_sessions.ContainsKey(session.Id), session);

    private IEnumerable<SemanticSession> SessionsOf(string tenant) => _sessions.Values.Where(session => session.Tenant == tenant);

    /// <summary>Counts the text that a session keeps.</summary>
    private void Count(SemanticSession session, long characters)
    {
        long most = _options.MaxCharacters, kept = SessionsOf(session.Tenant).Sum(one => one.Characters) + characters;
        if (kept > most)
            throw new CapacityException($"The sessions' texts and variables would come to {kept} characters and {most} are the most; close some.", kept, most);
        session.Characters += characters;
    }

    /// <summary>Sets those of some calls going that can go; called under the lock.</summary>
    private void Advance(IEnumerable<SemanticCall> calls)
    {
        foreach (SemanticCall call in calls.Where(call => call.State == CallState.Held && call.Objective is not null && call.Inputs.All(input => input.IsReady)).ToArray())
        {
            try
            {
                call.Need = CallRun.Need(call, _engines[0].Model);
                call.Prefixes = CallPrompt.Prefixes(call);
                call.State = CallState.Ready;
                _queue.Add(call);
            }
            catch (InvalidDataException fault)
            {
                Fail(call, fault);
            }
        }

        foreach ((SemanticCall call, CallEngine engine) in _queue.Place())
        {
            call.State = CallState.Running;
            Trace?.Invoke(new(call.Number, engine.Number, engine.Running, call.Objective!.Value));
            _ = Task.Run(() => RunAsync(call, engine));
        }
    }

    private async Task RunAsync(SemanticCall call, CallEngine engine)
    {
        Exception? failure = null;
        try
        {
            await CallRun.RunAsync(call, engine.Model, _options.LongestPrompt, (variable, text, tokens) => Settle(variable, text, tokens, engine.Model.Name), Ended).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            failure = fault;   // it belongs to those who read its outputs
        }

        lock (_lock)
        {
            engine.Remove(call);
            End(call);
            if (failure is not null)
                Fail(call, failure);
            Advance([]);
        }
    }

    private void Settle(SemanticVariable variable, string text, int[] tokens, string model)
    {
        lock (_lock)
        {
            variable.Settle(text, tokens, model);
            Advance(variable.Consumers);
        }
    }

    private void End(SemanticCall call)
    {
        if (call.State == CallState.Done)
            return;
        call.State = CallState.Done;
        call.Session.Calls.Remove(call);
        _open--;
    }

    /// <summary>Ends a call and all that wait for it by a failure.</summary>
    private void Fail(SemanticCall call, Exception failure)
    {
        Queue<SemanticCall> left = new([call]);
        while (left.TryDequeue(out SemanticCall? next))
        {
            End(next);
            foreach (SemanticVariable output in next.Outputs.Where(output => !output.IsSettled))
            {
                output.Fail(new InvalidOperationException($"'{output.Name}' has no value, since the call that writes it, or one before it, failed: {failure.Message}", failure));
                output.Consumers.ForEach(left.Enqueue);
            }
        }
    }

    /// <summary>Closes sessions that nobody has used for long.</summary>
    private void Expire()
    {
        foreach (SemanticSession session in _sessions.Values.Where(session => _time.GetElapsedTime(session.Used) > _options.SessionLife).ToArray())
            Close(session);
    }
}
