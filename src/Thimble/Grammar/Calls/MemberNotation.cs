namespace Thimble.Grammar;

/// <summary>How a line of models writes the arguments of a call where it does not write them as one JSON object: member by member.</summary>
/// <param name="KeyOpen">What stands before a key.</param>
/// <param name="KeyEnd">What stands between key and value; white space may stand between its parts.</param>
/// <param name="Shut">What stands behind a value; <c>{key}</c> in it is the key.</param>
/// <remarks>Values other than texts are JSON in all of them.</remarks>
internal sealed record MemberNotation(string KeyOpen, string[] KeyEnd, string Shut)
{
    /// <summary>What stands before all members.</summary>
    public string Open { get; init; } = "";

    /// <summary>What stands behind all members.</summary>
    public string Close { get; init; } = "";

    /// <summary>What stands between two members.</summary>
    public string Comma { get; init; } = "";

    /// <summary>How texts are written.</summary>
    public TextNotation Texts { get; init; }

    /// <summary>What stands between key and text, where that is not <see cref="KeyEnd"/>; where texts are JSON, a second way to write them as they are.</summary>
    public string[]? TextEnd { get; init; }

    /// <summary>What stands behind a text, where that is not <see cref="Shut"/>.</summary>
    public string? TextShut { get; init; }

    /// <summary>A mark that no text may hold beside its own end; empty for none.</summary>
    public string Forbidden { get; init; } = "";

    /// <summary>Whether a line end on either side of a text is none of it.</summary>
    public bool IsWrapped { get; init; }

    /// <summary>As Python calls functions.</summary>
    public static MemberNotation Python { get; } = new("", ["="], "")
    {
        Open = "(",
        Close = ")",
        Comma = ",",
        TextEnd = ["='"],
        TextShut = "'",
        Forbidden = "\\",
    };
}

/// <summary>How texts stand among arguments.</summary>
internal enum TextNotation
{
    /// <summary>As JSON.</summary>
    Json,

    /// <summary>As they are; that they are texts, the tool's schema says.</summary>
    BySchema,

    /// <summary>As they are, marked as texts.</summary>
    Marked,
}
