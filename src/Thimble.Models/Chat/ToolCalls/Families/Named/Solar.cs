using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Solar Open writes them: id, name and JSON, each after a mark; reasoning and text are messages of their own.</summary>
/// <remarks>Source: the template of Solar Open 100B.</remarks>
internal static class Solar
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("solar", "<|tool_call:begin|>", "<|tool_call:args|>")
    {
        IsAlways = true,
        Calls = [new("<|tool_call:begin|>", () => new BracketEnd(new() { IsNamed = true, Closes = ["<|tool_call:end|>"] }), Read) { IsSpecial = true }],
        Before = ["<|tool_calls|>"],
        After = ["<|calls|>"],
        Silent = ["<|begin|>assistant", "<|content|>", "<|end|>"],
        Thinking = [("<|think|>", "<|end|>")],
    });

    private static IReadOnlyList<ChatToolCall>? Read(string head, string value, ToolSchemas tools)
    {
        string[] parts = head.Split("<|tool_call:args|>")[0].Split("<|tool_call:name|>");
        return parts.Length == 2 ? CallJson.Named(parts[1], value, parts[0].Trim()) : null;
    }
}
