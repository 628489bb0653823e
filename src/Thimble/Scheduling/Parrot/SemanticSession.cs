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

    internal SemanticSession(Parrot parrot, string id, string tenant)
    {
        (Parrot, Id, Tenant) = (parrot, id, tenant);
    }

    /// <summary>Names it in its service.</summary>
    public string Id { get; }

    internal Parrot Parrot { get; }

    internal string Tenant { get; }

    internal CancellationTokenSource Stop { get; } = new();

    /// <summary>When it was last used, as the service's clock counts.</summary>
    internal long Used { get; set; }

    internal IReadOnlyDictionary<string, SemanticVariable> Variables => _variables;

    internal List<SemanticCall> Calls { get; } = [];

    /// <summary>A variable.</summary>
    /// <param name="name">A name for messages.</param>
    /// <param name="value">Its value; null for one that is given later, or written by a call.</param>
    public SemanticVariable Variable(string name, string? value = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        SemanticVariable variable = Parrot.Make(this, name);
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
        return Parrot.Submit(this, function, new(variables, StringComparer.Ordinal), options ?? new());
    }

    /// <summary>Ends its calls and forgets its variables; who waits for one is told.</summary>
    public void Dispose() => Parrot.Close(this);

    internal void Add(SemanticVariable variable) => _variables.Add(variable.Id, variable);
}
