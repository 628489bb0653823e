namespace Thimble.Models.Chat;

/// <summary>Reads a call that has ended.</summary>
/// <param name="head">What stands between the opening mark and the value.</param>
/// <param name="value">The value: JSON, tags, or Python, without the marks around it.</param>
/// <param name="tools">What the tools on offer take, to tell texts from numbers where the syntax does not.</param>
/// <returns>The calls, or null where it is none: then it was text.</returns>
internal delegate IReadOnlyList<ChatToolCall>? CallReader(string head, string value, ToolSchemas tools);

/// <summary>One way to write a call: what opens it, where it ends, what it says.</summary>
/// <param name="Open">The mark that opens a call; empty where a call opens by <see cref="Starts"/> alone.</param>
/// <param name="End">Makes the search for its end.</param>
/// <param name="Read">Reads it once its end is found.</param>
internal sealed record CallSyntax(string Open, Func<BlockEnd> End, CallReader Read)
{
    /// <summary>The characters a call begins with where nothing but space was said before; they belong to the call.</summary>
    public string Starts { get; init; } = "";

    /// <summary>Whether the opening mark is a token of its own, which prose never holds: it then ends reasoning too.</summary>
    public bool IsSpecial { get; init; }
}
