namespace Thimble.Server.Access;

/// <summary>Who asks: the name of a key, and what is counted and kept apart by it.</summary>
/// <param name="Name">The key's name; empty where the server asks for no keys.</param>
/// <param name="IsAdmin">Whether the key may change which models there are.</param>
internal sealed record Tenant(string Name, bool IsAdmin = false)
{
    /// <summary>Everybody, where the server asks for no keys.</summary>
    public static Tenant Anonymous { get; } = new("");
}
