namespace Thimble.Server.Chat;

/// <summary>Whether tools are called: as the model likes, not at all, in any case, or a certain one.</summary>
/// <param name="IsNeeded">Whether the reply must be a call.</param>
/// <param name="Name">The function that must be called; null for any.</param>
internal sealed record ToolChoice(bool IsNeeded, string? Name = null)
{
    /// <summary>As the model likes.</summary>
    public static ToolChoice Auto { get; } = new(false);

    /// <summary>Some tool in any case.</summary>
    public static ToolChoice Required { get; } = new(true);
}
