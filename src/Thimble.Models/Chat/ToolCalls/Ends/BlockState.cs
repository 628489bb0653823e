namespace Thimble.Models.Chat;

/// <summary>How the search for a call's end stands.</summary>
internal enum BlockState
{
    /// <summary>It goes on.</summary>
    Inside,

    /// <summary>The end is found.</summary>
    Ended,

    /// <summary>This is no call.</summary>
    Refused,
}
