namespace Thimble.Models.Chat;

/// <summary>Replies of models whose template names no format.</summary>
internal static class Generic
{
    /// <summary>No calls: no tools were on offer.</summary>
    public static ReplyFamily Plain { get; } = new("plain");

    /// <summary>What models write that were shown tools without being told how to call them: an object or a list of objects, bare or in the commonest tags.</summary>
    public static ReplyFamily Family { get; } = new("generic")
    {
        Calls =
        [
            new("<tool_call>", () => new BracketEnd(new() { Closes = ["</tool_call>"] }), CallJson.Read),
            new("", () => new BracketEnd(new() { IsUnmarked = true }), CallJson.ReadUnmarked) { Starts = "{[" },
        ],
    };
}
