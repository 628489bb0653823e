namespace Thimble.Scheduling;

/// <summary>A call's place in the graph: what may be bound to its names, and the edges that come of it.</summary>
internal static class CallBinding
{
    /// <summary>Refuses a call that cannot be.</summary>
    /// <exception cref="ArgumentException">An input is not bound, a variable is another session's, an output is written or given already, or the call leads to itself.</exception>
    public static void Require(SemanticSession session, SemanticFunction function, Dictionary<string, SemanticVariable> variables)
    {
        if (function.Inputs.FirstOrDefault(input => !variables.ContainsKey(input)) is { } missing)
            throw new ArgumentException($"The input '{missing}' is bound to no variable.", nameof(variables));
        if (variables.Values.FirstOrDefault(variable => !ReferenceEquals(variable.Session, session)) is { } other)
            throw new ArgumentException($"The variable '{other.Name}' belongs to another session.", nameof(variables));

        SemanticVariable[] outputs = [.. function.Outputs.Where(variables.ContainsKey).Select(output => variables[output])];
        if (outputs.FirstOrDefault(output => output.Producer is not null || output.IsSettled) is { } written)
            throw new ArgumentException($"The output '{written.Name}' has a value or another call writes it.", nameof(variables));
        if (outputs.Distinct().Count() < outputs.Length)
            throw new ArgumentException("Two outputs are bound to one variable.", nameof(variables));
        if (Objectives.LeadsToItself(function.Inputs.Select(input => variables[input]), outputs))
            throw new ArgumentException("The call would wait for itself: an output leads to one of its inputs.", nameof(variables));
    }

    /// <summary>Makes a call; outputs that are left out get variables of their own.</summary>
    /// <param name="session">Its session.</param>
    /// <param name="function">What it runs.</param>
    /// <param name="variables">What its names are bound to, all its inputs among them.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="make">Makes a variable of a name.</param>
    public static SemanticCall Bind(
        SemanticSession session, SemanticFunction function, Dictionary<string, SemanticVariable> variables, SemanticCallOptions options, Func<string, SemanticVariable> make)
    {
        foreach (string output in function.Outputs.Where(output => !variables.ContainsKey(output)))
            variables.Add(output, make(output));
        var call = new SemanticCall(session, function, variables, options);
        foreach (SemanticVariable input in call.Inputs)
            input.Consumers.Add(call);
        foreach (SemanticVariable output in call.Outputs)
            output.Producer = call;
        return call;
    }
}
