namespace Thimble.Models.Chat;

/// <summary>A piece of what a model replied: text, reasoning, or one whole call of a tool.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The next piece of text or reasoning; empty for a call.</param>
/// <param name="Call">The call; null for anything else.</param>
internal readonly record struct ReplyPart(ReplyPartKind Kind, string Text, ChatToolCall? Call = null);
