using System.Runtime.CompilerServices;
using System.Text;

namespace Thimble.Models.Chat;

/// <summary>Calls as Gemma 4 writes them: <c>call:name{key:value}</c>, with a mark of its own for quotes.</summary>
/// <remarks>Source: the template of Gemma 4.</remarks>
internal static class Gemma4
{
    private const string Quote = "<|\"|>";

    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("gemma4", "<|tool_call>call:")
    {
        Calls = [new("<|tool_call>call:", () => new MarkEnd("<tool_call|>", Quote, Quote, "{"), Read) { IsSpecial = true }],
        Silent = ["<|tool_response>"],
        Thinking = [("<|channel>thought", "<channel|>")],
    });

    private static IReadOnlyList<ChatToolCall>? Read(string head, string value, ToolSchemas tools)
    {
        int brace = value.IndexOf('{');
        if (brace <= 0)
            return null;
        string[] parts = value[brace..].Split(Quote);
        var arguments = new StringBuilder();
        for (int i = 0; i < parts.Length; i++)
            arguments.Append(i % 2 == 0 ? parts[i] : JsonTexts.Quote(parts[i]));
        return PythonValue.ToJson(arguments.ToString()) is { } json ? [new(value[..brace].Trim(), json)] : null;
    }
}
