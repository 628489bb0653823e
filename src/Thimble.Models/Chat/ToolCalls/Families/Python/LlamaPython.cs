using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls in Python's notation, a list of them: as Llama 3.2 writes them bare, Llama 4 and LFM2 between marks.</summary>
/// <remarks>Source: Meta, Llama 3.2 and Llama 4 prompt formats, 2024 and 2025; Liquid AI, LFM2 model card, 2025.</remarks>
internal static class LlamaPython
{
    private static readonly CallSyntax s_bare = new("", () => new BracketEnd(new() { IsUnmarked = true, IsPython = true }), ReadBare) { Starts = "[" };

    [ModuleInitializer]
    internal static void Register()
    {
        ReplyFamilies.Add(new("llama-python", "func_name1(params_name1=") { Calls = [s_bare] });
        ReplyFamilies.Add(new("llama4", "<|python_start|>")
        {
            Calls =
            [
                Marked("<|python_start|>", "<|python_end|>"),
                s_bare,
                new("", () => new BracketEnd(new() { IsUnmarked = true }), CallJson.ReadUnmarked) { Starts = "{" },
            ],
            Silent = ["<|eom|>"],
        });
        foreach ((string name, string sign) in ((string, string)[])[("lfm2", "<|tool_list_start|>"), ("lfm2.5", "<|tool_call_start|>"), ("lfm2.5-listed", "List of tools: [")])
            ReplyFamilies.Add(new(name, sign) { Calls = [Marked("<|tool_call_start|>", "<|tool_call_end|>")] });
    }

    private static CallSyntax Marked(string open, string close) =>
        new(open, () => new BracketEnd(new() { IsPython = true, Closes = [close] }), ReadMarked) { IsSpecial = true };

    private static IReadOnlyList<ChatToolCall>? ReadMarked(string head, string value, ToolSchemas tools) =>
        PythonValue.Calls(value) ?? CallJson.Read(head, value, tools);

    private static IReadOnlyList<ChatToolCall>? ReadBare(string head, string value, ToolSchemas tools) =>
        PythonValue.Calls(value) is { } calls && calls.All(call => tools.Knows(call.Name)) ? calls : null;
}
