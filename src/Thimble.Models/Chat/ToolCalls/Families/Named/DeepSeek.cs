using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Calls as DeepSeek V3 to V3.1 and R1 write them: <c>function⟨sep⟩name</c> and fenced JSON, or <c>name⟨sep⟩</c> and bare JSON.</summary>
/// <remarks>Source: the templates of DeepSeek R1, V3 and V3.1.</remarks>
internal static class DeepSeek
{
    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("deepseek", "<｜tool▁calls▁begin｜>")
    {
        Calls = [new("<｜tool▁call▁begin｜>", () => new BracketEnd(new() { IsNamed = true, Closes = ["```", "<｜tool▁call▁end｜>"] }), Read) { IsSpecial = true }],
        Before = ["<｜tool▁calls▁begin｜>"],
        After = ["<｜tool▁calls▁end｜>"],
    });

    private static IReadOnlyList<ChatToolCall>? Read(string head, string value, ToolSchemas tools)
    {
        const string Fence = "```json";
        head = head.Trim();
        if (head.EndsWith(Fence, StringComparison.Ordinal))
            head = head[..^Fence.Length];
        string[] parts = head.Split("<｜tool▁sep｜>", StringSplitOptions.TrimEntries);
        return CallJson.Named(parts.Length > 1 && parts[1].Length > 0 ? parts[1] : parts[0], value);
    }
}
