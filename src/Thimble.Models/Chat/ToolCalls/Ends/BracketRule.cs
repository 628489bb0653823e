namespace Thimble.Models.Chat;

/// <summary>How a value in brackets stands in a call.</summary>
internal sealed record BracketRule
{
    /// <summary>Whether a name, or more, stands before the bracket.</summary>
    public bool IsNamed { get; init; }

    /// <summary>Whether the value is Python's: both kinds of quotes, round brackets, calls in a list.</summary>
    public bool IsPython { get; init; }

    /// <summary>What may follow the value and belongs to the call, in order, each of it optional; space between is skipped.</summary>
    public IReadOnlyList<string> Closes { get; init; } = [];

    /// <summary>Whether no mark opened it, so that what looks like something else is refused early: JSON whose first key no call has, a list that begins with no call.</summary>
    public bool IsUnmarked { get; init; }
}
