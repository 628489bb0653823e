namespace Thimble.Models.Chat;

/// <summary>A filter, test, method or function that the engine brings along.</summary>
/// <param name="Name">Its name in templates.</param>
/// <param name="Parameters">Its parameters; for a filter, test or method the first is its subject.</param>
/// <param name="Required">How many of them must be given.</param>
/// <param name="Body">Computes the result from the bound arguments, null where one is missing.</param>
internal sealed record Builtin(string Name, string[] Parameters, int Required, Func<Rendering, JinjaValue?[], JinjaValue> Body)
{
    /// <summary>Reads a head such as <c>round(value, precision?, method?)</c>; a question mark makes a parameter optional.</summary>
    public static Builtin Of(string head, Func<Rendering, JinjaValue?[], JinjaValue> body)
    {
        string[] parts = head.Split(['(', ')', ',', ' '], StringSplitOptions.RemoveEmptyEntries);
        string[] parameters = parts[1..];
        int required = parameters.Count(parameter => !parameter.EndsWith('?'));
        return new(parts[0], [.. parameters.Select(parameter => parameter.TrimEnd('?'))], required, body);
    }

    /// <summary>A table by name.</summary>
    public static Dictionary<string, Builtin> Table(params ReadOnlySpan<Builtin> entries)
    {
        var table = new Dictionary<string, Builtin>(StringComparer.Ordinal);
        foreach (Builtin entry in entries)
            table.Add(entry.Name, entry);
        return table;
    }

    public JinjaValue Call(Rendering rendering, Arguments arguments) =>
        Body(rendering, arguments.Bind(Name, Parameters, Required, rendering));

    /// <summary>A function value whose first argument is already given.</summary>
    public FunctionValue Bind(JinjaValue subject) =>
        new(Name, (rendering, arguments) => Call(rendering, arguments.After(subject)));
}
