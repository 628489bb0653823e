using System.Text.Json;

namespace Thimble.Scheduling;

/// <summary>Calls and values that go to a server in one request. Variables go by names of this side until the answer tells the server's.</summary>
internal sealed class RemoteBatch
{
    private readonly List<SemanticCall> _calls = [];
    private readonly Dictionary<SemanticVariable, string?> _variables = [];

    /// <summary>Whether there is nothing to send.</summary>
    public bool IsEmpty => _calls.Count == 0 && _variables.Count == 0;

    /// <summary>The variables that it speaks of.</summary>
    public IEnumerable<SemanticVariable> Variables => _variables.Keys;

    /// <summary>Adds a call and the variables that it speaks of.</summary>
    public void Add(SemanticCall call)
    {
        _calls.Add(call);
        foreach (SemanticVariable variable in call.Variables.Values)
            Mention(variable);
    }

    /// <summary>Speaks of a variable, so that the answer tells its id.</summary>
    public void Mention(SemanticVariable variable) => _variables.TryAdd(variable, null);

    /// <summary>Gives a variable its value.</summary>
    public void Give(SemanticVariable variable, string value) => _variables[variable] = value;

    /// <summary>Writes the request.</summary>
    public void Write(Utf8JsonWriter json, string session)
    {
        json.WriteStartObject();
        json.WriteString("session", session);
        json.WriteStartArray("variables");
        foreach ((SemanticVariable variable, string? value) in _variables)
        {
            json.WriteStartObject();
            json.WriteString("label", variable.Id);
            json.WriteString("name", variable.Name);
            if (value is not null)
                json.WriteString("value", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("calls");
        foreach (SemanticCall call in _calls)
            Write(json, call);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads the ids that the server gave.</summary>
    public void Take(JsonElement answer, Dictionary<SemanticVariable, string> ids)
    {
        var labels = _variables.Keys.ToDictionary(variable => variable.Id, StringComparer.Ordinal);
        foreach (JsonElement variable in answer.GetProperty("variables").EnumerateArray())
        {
            if (labels.TryGetValue(variable.GetProperty("label").GetString() ?? "", out SemanticVariable? known))
                ids[known] = variable.GetProperty("id").GetString()!;
        }
    }

    private static void Write(Utf8JsonWriter json, SemanticCall call)
    {
        json.WriteStartObject();
        json.WriteString("template", call.Function.Template);
        if (call.Options.Model is { } model)
            json.WriteString("model", model);
        json.WritePropertyName("sampling");
        RemoteOptions.Write(json, call.Options.Generation);
        json.WriteStartArray("parameters");
        foreach ((string name, SemanticVariable variable) in call.Variables)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("label", variable.Id);
            if (call.Options.Transforms.TryGetValue(name, out string? transform))
                json.WriteString("transform", transform);
            if (call.Options.Outputs.TryGetValue(name, out GenerationOptions? generation))
            {
                json.WritePropertyName("sampling");
                RemoteOptions.Write(json, generation);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
