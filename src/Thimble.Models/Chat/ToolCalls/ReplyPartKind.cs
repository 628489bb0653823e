namespace Thimble.Models.Chat;

/// <summary>What a part of a reply is.</summary>
internal enum ReplyPartKind
{
    /// <summary>What is said to the user.</summary>
    Text,

    /// <summary>What the model thinks before it answers.</summary>
    Reasoning,

    /// <summary>A call of a tool.</summary>
    Call,
}
