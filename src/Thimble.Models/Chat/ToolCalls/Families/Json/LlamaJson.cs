using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as Llama 3 writes them: an object with <c>name</c> and <c>parameters</c> and nothing before it, or <c>&lt;|python_tag|&gt;</c> and a call.</summary>
/// <remarks>Source: Meta, Llama 3.1 prompt format, 2024.</remarks>
internal static class LlamaJson
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("llama3", "dictionary of argument name and its value")
    {
        Calls =
        [
            new("<|python_tag|>", () => new BracketEnd(new() { IsNamed = true, IsPython = true }), ReadTagged) { IsSpecial = true },
            new("", () => new BracketEnd(new() { IsUnmarked = true }), CallJson.ReadUnmarked) { Starts = "{" },
        ],
        After = [";"],
        Silent = ["<|eom_id|>"],
    });

    private static IReadOnlyList<ChatToolCall>? ReadTagged(string head, string value, ToolSchemas tools)
    {
        const string Call = ".call";
        head = head.Trim();
        return head.Length == 0 ? CallJson.Read(head, value, tools)
            : PythonValue.Calls((head.EndsWith(Call, StringComparison.Ordinal) ? head[..^Call.Length] : head) + value);
    }
}
