namespace Thimble.Scheduling;

/// <summary>A function with its inputs and outputs bound to variables: it runs once its inputs are there and something it leads to is asked for.</summary>
public sealed class SemanticCall
{
    internal SemanticCall(SemanticSession session, SemanticFunction function, IReadOnlyDictionary<string, SemanticVariable> variables, SemanticCallOptions options)
    {
        (Session, Function, Variables, Options) = (session, function, variables, options);
    }

    /// <summary>The session it belongs to.</summary>
    public SemanticSession Session { get; }

    /// <summary>The function.</summary>
    public SemanticFunction Function { get; }

    /// <summary>What its names are bound to.</summary>
    public IReadOnlyDictionary<string, SemanticVariable> Variables { get; }

    /// <summary>The variable of a name.</summary>
    /// <exception cref="KeyNotFoundException">The function has no such name.</exception>
    public SemanticVariable this[string name] => Variables[name];

    internal SemanticCallOptions Options { get; }

    /// <summary>The variables it reads.</summary>
    internal IEnumerable<SemanticVariable> Inputs => Function.Inputs.Select(name => Variables[name]);

    /// <summary>The variables it writes.</summary>
    internal IEnumerable<SemanticVariable> Outputs => Function.Outputs.Select(name => Variables[name]);

    /// <summary>Its number among all calls of the service.</summary>
    internal long Number { get; set; }

    /// <summary>Calls in the longest chain that leads to it, itself included.</summary>
    internal int Depth { get; set; } = 1;

    /// <summary>How it is to run; null while nothing it leads to was asked for.</summary>
    internal CallObjective? Objective { get; set; }

    /// <summary>Of those that run side by side for one call: the number of their group; 0 for none.</summary>
    internal long Group { get; set; }

    /// <summary>Where it stands.</summary>
    internal CallState State { get; set; }

    /// <summary>Tokens of its prompt and the most it may write, once it is ready.</summary>
    internal int Need { get; set; }

    /// <summary>Names of its beginnings, up to each variable, once it is ready; equal ones are the same text.</summary>
    internal ulong[] Prefixes { get; set; } = [];
}

/// <summary>How a call runs.</summary>
public sealed record SemanticCallOptions
{
    /// <summary>How its outputs are written; <see cref="GenerationOptions.Tenant"/> and <see cref="GenerationOptions.Priority"/> are the service's to set.</summary>
    public GenerationOptions Generation { get; init; } = new() { MaxTokens = 128 };

    /// <summary>How single outputs are written, by name; others as <see cref="Generation"/> says.</summary>
    public IReadOnlyDictionary<string, GenerationOptions> Outputs { get; init; } = new Dictionary<string, GenerationOptions>();

    /// <summary>What is done to an input's text before it is read, by name: <c>trim</c>, <c>first-line</c>, or <c>json:FIELD</c> for a field of an object.</summary>
    public IReadOnlyDictionary<string, string> Transforms { get; init; } = new Dictionary<string, string>();

    /// <summary>The name of the model that runs it; null for any.</summary>
    public string? Model { get; init; }
}

/// <summary>How a call is to run, weakest first.</summary>
internal enum CallObjective
{
    /// <summary>With many others.</summary>
    Throughput,

    /// <summary>With those of its group, all of which are needed.</summary>
    Group,

    /// <summary>As soon as can be.</summary>
    Latency,
}

/// <summary>Where a call stands.</summary>
internal enum CallState
{
    /// <summary>An input is missing, or nobody asked.</summary>
    Held,

    /// <summary>It can run.</summary>
    Ready,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It has ended.</summary>
    Done,
}
