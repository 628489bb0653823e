namespace Thimble.Models.Chat;

/// <summary>What a mark in a reply does.</summary>
internal enum ReplyMarkKind
{
    /// <summary>It opens a call.</summary>
    OpensCall,

    /// <summary>It opens reasoning, where nothing was said before.</summary>
    OpensReasoning,

    /// <summary>It closes the reasoning that its partner opened.</summary>
    ClosesReasoning,

    /// <summary>It belongs to the call that follows.</summary>
    BeforeCall,

    /// <summary>It belongs to the call before it.</summary>
    AfterCall,

    /// <summary>It only parts what it stands between.</summary>
    Silent,
}
