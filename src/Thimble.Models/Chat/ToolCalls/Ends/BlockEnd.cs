using System.Text;

namespace Thimble.Models.Chat;

/// <summary>Finds where an opened call ends, a character at a time and in bounded time for each.</summary>
internal abstract class BlockEnd
{
    /// <summary>Where the value begins, counted from the opening mark's end.</summary>
    public int ValueStart { get; protected set; }

    /// <summary>Where the value ends; −1 while it has not.</summary>
    public int ValueEnd { get; protected set; } = -1;

    /// <summary>How many of the latest characters do not belong to the block.</summary>
    public int Surplus { get; protected set; }

    /// <summary>What the block opens: a call, or in formats with channels the text or the reasoning that follows it.</summary>
    public ReplyPartKind Opens { get; protected set; } = ReplyPartKind.Call;

    /// <summary>What closes the reasoning that the block opens, if it does.</summary>
    public string Close { get; protected init; } = "";

    /// <summary>Looks at the next character.</summary>
    /// <param name="block">All characters since the opening mark, the next one last.</param>
    public abstract BlockState Take(StringBuilder block);
}
