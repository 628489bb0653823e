namespace Thimble.Scheduling;

/// <summary>The calls and variables of one task: a graph that grows as calls are made, before their inputs are there.</summary>
/// <example><code>
/// using var parrot = new Parrot([model]);
/// using SemanticSession session = parrot.OpenSession();
/// SemanticVariable draft = session.Call(write, new() { ["topic"] = session.Variable("topic", "rain") })["draft"];
/// SemanticVariable brief = session.Call(shorten, new() { ["text"] = draft })["summary"];
/// string text = await brief.GetAsync();
/// </code></example>
public sealed class SemanticSession : IDisposable
{
    private readonly Dictionary<string, SemanticVariable> _variables = new(StringComparer.Ordinal);

    internal SemanticSession(ISemanticRunner runner, string id, string tenant)
    {
        (Runner, Id, Tenant) = (runner, id, tenant);
    }

    /// <summary>Names it in its service.</summary>
    public string Id { get; }

    internal ISemanticRunner Runner { get; }

    internal string Tenant { get; }

    internal CancellationTokenSource Stop { get; } = new();

    /// <summary>Added to the priority of what its calls write.</summary>
    internal int Priority { get; init; }

    /// <summary>Variables by the names that a client gave them, so that it can speak of them before it knows their ids.</summary>
    internal Dictionary<string, SemanticVariable> Labels { get; } = new(StringComparer.Ordinal);

    /// <summary>Of the texts it keeps.</summary>
    internal long Characters { get; set; }

    /// <summary>When it was last used, as the service's clock counts.</summary>
    internal long Used { get; set; }

    internal IReadOnlyDictionary<string, SemanticVariable> Variables => _variables;

    /// <summary>Its calls that have not ended.</summary>
    internal List<SemanticCall> Calls { get; } = [];

    /// <summary>A variable.</summary>
    /// <param name="name">A name for messages.</param>
    /// <param name="value">Its value; null for one that is given later, or written by a call.</param>
    public SemanticVariable Variable(string name, string? value = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        SemanticVariable variable = Runner.Make(this, name);
        if (value is not null)
            variable.Set(value);
        return variable;
    }

    /// <summary>Makes a call. It returns at once.</summary>
    /// <param name="function">The function.</param>
    /// <param name="variables">What its names are bound to; outputs that are left out get variables of their own.</param>
    /// <param name="options">How it runs.</param>
    /// <exception cref="ArgumentException">An input is not bound, a variable is another session's, an output is written by another call or given, or the call leads to itself.</exception>
    public SemanticCall Call(SemanticFunction function, Dictionary<string, SemanticVariable> variables, SemanticCallOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(variables);
        return Runner.Submit(this, function, new(variables, StringComparer.Ordinal), options ?? new());
    }

    /// <summary>Ends its calls and forgets its variables; who waits for one is told.</summary>
    public void Dispose() => Runner.Close(this);

    /// <summary>How it stands: calls that have not ended, and its variables.</summary>
    internal (int Calls, SemanticVariable[] Variables) Look() => Runner is Parrot parrot ? parrot.Look(this) : (Calls.Count, [.. _variables.Values]);

    internal void Add(SemanticVariable variable) => _variables.Add(variable.Id, variable);
}
