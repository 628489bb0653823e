using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Kimi K2 writes them: <c>functions.name:0</c>, which is the call's id too, and JSON.</summary>
/// <remarks>Source: Moonshot AI, Kimi K2 tool call guide, 2025.</remarks>
internal static class Kimi
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("kimi", "<|tool_call_begin|>", "<|tool_call_argument_begin|>")
    {
        Calls = [new("<|tool_call_begin|>", () => new BracketEnd(new() { IsNamed = true, Closes = ["<|tool_call_end|>"] }), Read) { IsSpecial = true }],
        Before = ["<|tool_calls_section_begin|>"],
        After = ["<|tool_calls_section_end|>"],
    });

    private static IReadOnlyList<ChatToolCall>? Read(string head, string value, ToolSchemas tools)
    {
        const string Space = "functions.";
        string id = head.Split("<|tool_call_argument_begin|>")[0].Trim();
        string name = id.StartsWith(Space, StringComparison.Ordinal) ? id[Space.Length..] : id;
        int colon = name.LastIndexOf(':');
        return CallJson.Named(colon < 0 ? name : name[..colon], value, id);
    }
}
