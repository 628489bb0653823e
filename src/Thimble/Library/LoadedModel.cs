namespace Thimble.Library;

/// <summary>A model that a <see cref="ModelHost"/> holds open, or is opening.</summary>
/// <param name="Name">The name it was first asked for by.</param>
/// <param name="Path">Its file or folder; null for the one inside Thimble.</param>
/// <param name="Summary">What its file comes to; null while that is being read.</param>
/// <param name="Bytes">Memory set aside for its weights and cache.</param>
/// <param name="ContextLength">The most tokens of one sequence; 0 until it is open.</param>
/// <param name="Requests">Leases on it.</param>
/// <param name="IsOpen">Whether it is open, rather than being opened or closed.</param>
/// <param name="Expires">When it will be closed if nobody asks for it; null while it is in use or stays for ever.</param>
public sealed record LoadedModel(
    string Name, string? Path, ModelSummary? Summary, long Bytes, int ContextLength, int Requests, bool IsOpen, DateTimeOffset? Expires);
