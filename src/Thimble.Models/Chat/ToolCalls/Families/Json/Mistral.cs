using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Mistral writes them: after <c>[TOOL_CALLS]</c> a JSON list, or since 2025 <c>name[ARGS]{…}</c>, with or without <c>[CALL_ID]</c>.</summary>
/// <remarks>Source: Mistral, mistral-common, tokenizers of versions 3 to 13; the templates of Nemo, Small 3.2 and Devstral.</remarks>
internal static class Mistral
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("mistral", "[TOOL_CALLS]")
    {
        Calls = [new("[TOOL_CALLS]", () => new BracketEnd(new() { IsNamed = true }), Read) { IsSpecial = true }],
    });

    private static IReadOnlyList<ChatToolCall>? Read(string head, string value, ToolSchemas tools)
    {
        if (head.AsSpan().Trim().IsEmpty)
            return CallJson.Read(head, value, tools);
        string named = head.Split("[ARGS]")[0];
        string[] parts = named.Split("[CALL_ID]");
        return CallJson.Named(parts[0], value, parts.Length > 1 ? parts[1].Trim() : null);
    }
}
