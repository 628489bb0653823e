using System.Text.Json;

namespace Thimble.Models.Chat;

/// <summary>Calls written as JSON: an object with a name and arguments, or a list of such objects.</summary>
internal static class CallJson
{
    private static readonly string[] s_names = ["name", "tool_name", "function"], s_ids = ["id", "tool_call_id", "call_id"];
    private static readonly string[] s_arguments = ["arguments", "parameters", "args"];

    /// <summary>Reads calls that a mark announced; a name is enough.</summary>
    public static IReadOnlyList<ChatToolCall>? Read(string head, string value, ToolSchemas tools) => Read(value, needsArguments: false);

    /// <summary>Reads calls that nothing announced: without arguments, or of a tool that is not on offer, they are text.</summary>
    public static IReadOnlyList<ChatToolCall>? ReadUnmarked(string head, string value, ToolSchemas tools) =>
        Read(value, needsArguments: true) is { } calls && calls.All(call => tools.Knows(call.Name)) ? calls : null;

    /// <summary>Reads the arguments of a call whose name stands before them.</summary>
    /// <returns>The call; null where there is no name, or the arguments are no object.</returns>
    public static IReadOnlyList<ChatToolCall>? Named(string name, string arguments, string? id = null) =>
        name.Trim() is { Length: > 0 } trimmed && JsonTexts.Parse(arguments) is { ValueKind: JsonValueKind.Object } value
            ? [new(trimmed, value.GetRawText(), id)]
            : null;

    /// <summary>Reads a list of objects, each with a tool's name as its one key and the arguments as its value.</summary>
    public static IReadOnlyList<ChatToolCall>? ReadKeyed(string head, string value, ToolSchemas tools)
    {
        if (JsonTexts.Parse(value) is not { ValueKind: JsonValueKind.Array } list)
            return null;
        List<ChatToolCall> calls = [];
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || item.GetPropertyCount() != 1 || item.EnumerateObject().First() is not { Value.ValueKind: JsonValueKind.Object } call)
                return null;
            calls.Add(new(call.Name, call.Value.GetRawText()));
        }

        return calls;
    }

    private static List<ChatToolCall>? Read(string value, bool needsArguments)
    {
        if (JsonTexts.Parse(value) is not { } root)
            return null;
        List<ChatToolCall> calls = [];
        foreach (JsonElement item in root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : new[] { root })
        {
            if (One(item, needsArguments) is not { } call)
                return null;
            calls.Add(call);
        }

        return calls.Count > 0 ? calls : null;
    }

    private static ChatToolCall? One(JsonElement item, bool needsArguments)
    {
        if (item.ValueKind != JsonValueKind.Object)
            return null;
        string? id = Id(item);
        if (item.TryGetProperty("function", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object)
            item = inner;
        return JsonTexts.Text(Member(item, s_names)) is { Length: > 0 } name && Arguments(Member(item, s_arguments), needsArguments) is { } arguments
            ? new(name, arguments, id)
            : null;
    }

    private static string? Arguments(JsonElement? value, bool isNeeded) => value switch
    {
        { ValueKind: JsonValueKind.Object } map => map.GetRawText(),
        { ValueKind: JsonValueKind.String } text => JsonTexts.Text(text) is { } json && JsonTexts.Parse(json) is { ValueKind: JsonValueKind.Object } map ? map.GetRawText() : null,
        null or { ValueKind: JsonValueKind.Null } => isNeeded ? null : "{}",
        _ => null,
    };

    private static string? Id(JsonElement item) => Member(item, s_ids) switch
    {
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        { } other => JsonTexts.Text(other),
        null => null,
    };

    private static JsonElement? Member(JsonElement item, string[] names)
    {
        foreach (string name in names)
        {
            if (item.TryGetProperty(name, out JsonElement member))
                return member;
        }

        return null;
    }
}
