namespace Thimble.Models.Chat;

/// <summary>One message of a conversation, as a chat template sees it.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>, or another role the template knows.</param>
/// <param name="Content">What is said; null where an assistant only calls tools. <see cref="Parts"/>, where set, takes its place.</param>
public sealed record ChatTurn(string Role, string? Content = null)
{
    /// <summary>The content in parts, such as texts and images, in order; null where it is one text.</summary>
    public IReadOnlyList<ChatPart>? Parts { get; init; }

    /// <summary>The tools that an assistant calls, in order.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];

    /// <summary>Which call a <c>tool</c> message answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>What an assistant thought before it answered.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The speaker's name; for a <c>tool</c> message, the tool's.</summary>
    public string? Name { get; init; }
}
