using System.Text.Json;
using Thimble.Models.Chat;

namespace Thimble.Tests.Models.Chat;

/// <summary>Reads a case of <c>cases.json</c> as the messages and options a user would give.</summary>
internal static class GoldenInputs
{
    private static readonly string[] s_known = ["messages", "tools", "documents", "add_generation_prompt", "bos_token", "eos_token", "enable_thinking"];

    public static (ChatTurn[] Turns, ChatTemplateOptions Options) Read(JsonElement inputs)
    {
        ChatTurn[] turns = [.. inputs.GetProperty("messages").EnumerateArray().Select(Turn)];
        var options = new ChatTemplateOptions
        {
            Tools = inputs.GetProperty("tools") is { ValueKind: JsonValueKind.Array } tools ? [.. tools.EnumerateArray().Select(tool => tool.GetRawText())] : [],
            AddGenerationPrompt = inputs.GetProperty("add_generation_prompt").GetBoolean(),
            BeginText = "<BOS>",
            EndText = "<EOS>",
            EnableThinking = inputs.TryGetProperty("enable_thinking", out JsonElement thinks) ? thinks.GetBoolean() : null,
            Variables = inputs.EnumerateObject().Where(entry => !s_known.Contains(entry.Name)).ToDictionary(entry => entry.Name, entry => entry.Value.GetRawText()),
            Clock = new StoppedClock(),
        };
        return (turns, options);
    }

    private static ChatTurn Turn(JsonElement message)
    {
        JsonElement content = message.GetProperty("content");
        return new(message.GetProperty("role").GetString()!, content.ValueKind == JsonValueKind.String ? content.GetString() : null)
        {
            Parts = content.ValueKind == JsonValueKind.Array ? [.. content.EnumerateArray().Select(part => new ChatPart(Text(part, "type")!, Text(part, "text")))] : null,
            ToolCalls = message.TryGetProperty("tool_calls", out JsonElement calls) ? [.. calls.EnumerateArray().Select(Call)] : [],
            ToolCallId = Text(message, "tool_call_id"),
            Reasoning = Text(message, "reasoning_content"),
            Name = Text(message, "name"),
        };
    }

    private static ChatToolCall Call(JsonElement call)
    {
        JsonElement function = call.GetProperty("function"), arguments = function.GetProperty("arguments");
        // A text in the case stands for arguments the client left as text; ours are JSON either way, so it stays quoted.
        return new(Text(function, "name")!, arguments.GetRawText(), Text(call, "id"));
    }

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
