using System.Text.Json;

namespace Thimble.Models.Chat;

/// <summary>What the tools on offer take, by name: the JSON schemas of their parameters.</summary>
internal sealed class ToolSchemas
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _parameters = new(StringComparer.Ordinal);

    /// <summary>No tools.</summary>
    public static ToolSchemas None { get; } = new();

    /// <summary>Reads tools in OpenAI's shape; one that is none is passed over, for rendering names it.</summary>
    public static ToolSchemas Of(IReadOnlyList<string> tools)
    {
        var schemas = new ToolSchemas();
        foreach (string tool in tools)
        {
            if (JsonTexts.Parse(tool) is { ValueKind: JsonValueKind.Object } root)
                schemas.Add(Member(root, "function") ?? root);
        }

        return schemas;
    }

    /// <summary>Whether a tool is on offer, or nothing is known of the tools.</summary>
    public bool Knows(string tool) => _names.Count == 0 || _names.Contains(tool);

    /// <summary>The schema of a tool's parameters, an object; null where the tool is unknown.</summary>
    public JsonElement? Parameters(string tool) => _parameters.TryGetValue(tool, out JsonElement schema) ? schema : null;

    /// <summary>The schema of an object's member; null where it says nothing of it.</summary>
    public static JsonElement? Property(JsonElement? schema, string name) =>
        schema is { } of && Member(of, "properties") is { } properties ? Member(properties, name) : null;

    /// <summary>The schema of a list's items; null where it says nothing of them.</summary>
    public static JsonElement? Items(JsonElement? schema) => schema is { } of ? Member(of, "items") : null;

    /// <summary>Whether a schema names a type; one without types names none.</summary>
    public static bool Allows(JsonElement? schema, string type) => schema is { } of && Types(of, 0).Contains(type);

    /// <summary>Whether a schema says anything of types.</summary>
    public static bool IsTyped(JsonElement? schema) => schema is { } of && Types(of, 0).Any();

    private void Add(JsonElement function)
    {
        if (JsonTexts.Text(Member(function, "name")) is not { } name)
            return;
        _names.Add(name);
        if (Member(function, "parameters") is { } parameters)
            _parameters[name] = parameters;
    }

    private static IEnumerable<string> Types(JsonElement schema, int depth)
    {
        const int Deepest = 4;
        if (Member(schema, "type") is { } type)
            return type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => JsonTexts.Text(one) ?? "") : [JsonTexts.Text(type) ?? ""];
        if (Member(schema, "enum") is { ValueKind: JsonValueKind.Array } values)
            return values.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.String ? "string" : "other");
        return depth < Deepest && (Member(schema, "anyOf") ?? Member(schema, "oneOf")) is { ValueKind: JsonValueKind.Array } choices
            ? choices.EnumerateArray().SelectMany(choice => Types(choice, depth + 1))
            : [];
    }

    private static JsonElement? Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement member) ? member : null;
}
