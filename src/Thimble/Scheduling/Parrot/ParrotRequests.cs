namespace Thimble.Scheduling;

/// <summary>A call as it comes from far away: <c>POST /v1/semantic-calls</c>.</summary>
/// <param name="Session">The session's id.</param>
/// <param name="Template">The function's template.</param>
/// <param name="Parameters">What its names are bound to.</param>
/// <param name="Model">The model's name; null for any.</param>
internal sealed record SemanticCallRequest(string Session, string Template, IReadOnlyList<SemanticParameter> Parameters, string? Model = null)
{
    /// <summary>How outputs are written that say nothing of it; null for the usual way.</summary>
    public GenerationOptions? Generation { get; init; }

    /// <summary>Makes the call.</summary>
    /// <param name="parrot">The service.</param>
    /// <param name="tenant">Who asks.</param>
    /// <returns>The call; null if the tenant has no such session.</returns>
    /// <exception cref="ArgumentException">A parameter names no gap of the template or no variable of the session, or the call cannot be.</exception>
    public SemanticCall? Submit(Parrot parrot, string tenant)
    {
        if (parrot.FindSession(Session, tenant) is not { } session)
            return null;

        var function = new SemanticFunction(Template);
        Dictionary<string, SemanticVariable> variables = new(StringComparer.Ordinal);
        Dictionary<string, GenerationOptions> outputs = new(StringComparer.Ordinal);
        Dictionary<string, string> transforms = new(StringComparer.Ordinal);
        foreach (SemanticParameter parameter in Parameters)
        {
            if (!function.Inputs.Contains(parameter.Name) && !function.Outputs.Contains(parameter.Name))
                throw new ArgumentException($"The template has no gap '{parameter.Name}'; it has: {string.Join(", ", function.Inputs.Concat(function.Outputs))}.", nameof(parrot));
            if (parameter.Bind(session) is { } bound)
                variables[parameter.Name] = bound;
            if (parameter.Generation is { } generation)
                outputs[parameter.Name] = generation;
            if (parameter.Transform is { } transform)
                transforms[parameter.Name] = transform;
        }

        foreach (string input in function.Inputs.Where(input => !variables.ContainsKey(input)))
            variables[input] = session.Variable(input);   // given later
        SemanticCallOptions plain = new();
        return session.Call(function, variables, plain with { Generation = Generation ?? plain.Generation, Outputs = outputs, Transforms = transforms, Model = Model });
    }
}

/// <summary>What a gap of a template is bound to.</summary>
/// <param name="Name">The gap's name.</param>
/// <param name="Variable">A variable's id; null for a new one.</param>
/// <param name="Value">The value of a new one; null for one that is given later or written.</param>
/// <param name="Generation">How an output is written; null for the usual way.</param>
/// <param name="Transform">What is done to an input before it is read; null for nothing.</param>
internal sealed record SemanticParameter(
    string Name, string? Variable = null, string? Value = null, GenerationOptions? Generation = null, string? Transform = null)
{
    /// <summary>The client's own name for a variable, which is made when it is first spoken of; null for none.</summary>
    public string? Label { get; init; }

    /// <summary>The variable that is meant, a new one too.</summary>
    /// <returns>The variable; null where nothing is said of it.</returns>
    /// <exception cref="ArgumentException">There is none of that id.</exception>
    /// <exception cref="InvalidOperationException">It has a value, and gets another.</exception>
    public SemanticVariable? Bind(SemanticSession session)
    {
        SemanticVariable? variable = Variable is { } id
            ? session.Variables.GetValueOrDefault(id) ?? throw new ArgumentException($"The session has no variable '{id}'.", nameof(session))
            : Label is { } label ? Labelled(session, label)
            : Value is null ? null : session.Variable(Name);
        if (Value is { } value)
            variable!.Set(value);
        return variable;
    }

    private SemanticVariable Labelled(SemanticSession session, string label)
    {
        lock (session.Labels)
        {
            if (!session.Labels.TryGetValue(label, out SemanticVariable? variable))
                session.Labels.Add(label, variable = session.Variable(Name));
            return variable;
        }
    }
}

/// <summary>A variable as it goes far away: <c>GET /v1/semantic-variables/{id}</c> and the answer to a call.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What its function calls it.</param>
/// <param name="State"><c>empty</c>, <c>ready</c> or <c>failed</c>.</param>
/// <param name="Value">Its value, once ready.</param>
/// <param name="Error">Why there will be none, once failed.</param>
internal sealed record SemanticVariableAnswer(string Id, string Name, string State, string? Value, string? Error)
{
    /// <summary>A variable as it is now.</summary>
    public static SemanticVariableAnswer Of(SemanticVariable variable) => new(
        variable.Id, variable.Name, variable.IsReady ? "ready" : variable.Failure is null ? "empty" : "failed",
        variable.IsReady ? variable.Text : null, variable.Failure?.Message);
}
