namespace Thimble.Server.Access;

/// <summary>Who asks: the name of a key, and what is counted and kept apart by it.</summary>
/// <param name="Name">The key's name; empty where the server asks for no keys.</param>
/// <param name="Priority">Where not all requests can run at once, those of greater priority go first.</param>
/// <param name="IsAdmin">Whether the key may change which models there are.</param>
internal sealed record Tenant(string Name, int Priority = 0, bool IsAdmin = false)
{
    /// <summary>Everybody, where the server asks for no keys.</summary>
    public static Tenant Anonymous { get; } = new("");

    /// <summary>Options that say whose the request is, and how urgent.</summary>
    public GenerationOptions Own(GenerationOptions options) => options with { Tenant = Name.Length > 0 ? Name : null, Priority = Priority };
}
