using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Thimble.Models.Chat;

/// <summary>Calls as MiniMax M3 writes them: arguments as nested tags, a mark of its own before each, <c>item</c> for what a list holds.</summary>
/// <remarks>Source: the template of MiniMax M3.</remarks>
internal static class MiniMaxM3
{
    private const string Mark = "]<]minimax[>[", Item = "item";
    private const int Deepest = 64;

    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("minimax-m3", Mark + "<tool_call>")
    {
        Calls = [new(Mark + "<invoke name=\"", () => new MarkEnd(Mark + "</invoke>", null, null, "\""), Read)],
        Before = [Mark + "<tool_call>"],
        After = [Mark + "</tool_call>"],
    });

    private static IReadOnlyList<ChatToolCall>? Read(string head, string value, ToolSchemas tools)
    {
        const string NameEnd = "\">";
        int end = value.IndexOf(NameEnd, StringComparison.Ordinal);
        if (end <= 0)
            return null;
        string name = value[..end];
        string[] tags = value[(end + NameEnd.Length)..].Split(Mark);
        int at = 1;
        return tags[0].AsSpan().Trim().IsEmpty && Members(tags, ref at, tools.Parameters(name), "", 0) is { } members && at == tags.Length
            ? [new(name, members.Length == 0 ? "{}" : members)]
            : null;
    }

    /// <summary>The tags up to the one that closes <paramref name="parent"/>, as an object or a list; empty where there is none.</summary>
    private static string? Members(string[] tags, ref int at, JsonElement? schema, string parent, int depth)
    {
        List<string> members = [];
        bool isList = !ToolSchemas.Allows(schema, "object");
        while (at < tags.Length && !tags[at].StartsWith($"</{parent}>", StringComparison.Ordinal))
        {
            string tag = tags[at++];
            int end = tag.IndexOf('>');
            if (depth == Deepest || end < 2 || tag[0] != '<' || tag[1] == '/')
                return null;
            string key = tag[1..end];
            JsonElement? inner = key == Item && isList ? ToolSchemas.Items(schema) : ToolSchemas.Property(schema, key);
            if (Members(tags, ref at, inner, key, depth + 1) is not { } value || at == tags.Length)
                return null;
            if (value.Length == 0)
                value = Leaf(tag[(end + 1)..], inner);
            at++;
            isList &= key == Item;
            members.Add(isList ? value : $"{JsonTexts.Quote(key)}: {value}");
        }

        string all = string.Join(", ", members);
        return members.Count == 0 ? "" : isList ? $"[{all}]" : $"{{{all}}}";
    }

    private static string Leaf(string text, JsonElement? schema) =>
        text.Length > 0 || ToolSchemas.Allows(schema, "string") ? ParameterValue.ToJson(text, schema)
        : ToolSchemas.Allows(schema, "array") ? "[]"
        : ToolSchemas.Allows(schema, "object") ? "{}"
        : "\"\"";
}
