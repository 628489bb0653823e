using System.Runtime.CompilerServices;

namespace Thimble.Models.Chat;

/// <summary>Replies as gpt-oss writes them: messages on channels, <c>analysis</c> for reasoning, <c>final</c> and <c>commentary</c> for text,
/// and any of them <c>to=functions.name</c> for a call.</summary>
/// <remarks>Source: OpenAI, Harmony response format, 2025.</remarks>
internal static class Harmony
{
    private const string Assistant = "<|start|>assistant", Channel = "<|channel|>", Message = "<|message|>", To = "to=", Functions = "functions.";

    [ModuleInitializer]
    internal static void Register() => ReplyFamilies.Add(new("harmony", "<|start|>", Channel, Message)
    {
        IsAlways = true,
        Calls = [new(Assistant, End, Read) { IsSpecial = true }, new(Channel, End, Read) { IsSpecial = true }],
        Silent = ["<|end|>", "<|return|>", "<|call|>"],
    });

    private static ChannelEnd End() => new(Message, Opens, new() { Closes = ["<|call|>", "<|end|>"] }) { Closes = "<|end|>" };

    private static ReplyPartKind Opens(string header) =>
        Recipient(header) is not null ? ReplyPartKind.Call
        : header.Contains("analysis", StringComparison.Ordinal) ? ReplyPartKind.Reasoning
        : ReplyPartKind.Text;

    private static IReadOnlyList<ChatToolCall>? Read(string head, string value, ToolSchemas tools) => CallJson.Named(Recipient(head)!, value);

    /// <summary>The tool a header names; null where it names none.</summary>
    private static string? Recipient(string header)
    {
        int at = header.IndexOf(To, StringComparison.Ordinal);
        if (at < 0)
            return null;
        string to = header[(at + To.Length)..];
        int end = to.AsSpan().IndexOfAny(" \n<");
        to = end < 0 ? to : to[..end];
        return to.StartsWith(Functions, StringComparison.Ordinal) ? to[Functions.Length..] : to is "" or "user" or "all" ? null : to;
    }
}
