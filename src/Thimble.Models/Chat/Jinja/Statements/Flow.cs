namespace Thimble.Models.Chat;

/// <summary>What runs after a statement.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}
