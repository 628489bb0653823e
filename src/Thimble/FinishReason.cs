namespace Thimble;

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>It has not ended.</summary>
    None,

    /// <summary>The model ended its text.</summary>
    EndOfText,

    /// <summary>A stop text came.</summary>
    Stop,

    /// <summary>The asked-for number of tokens was reached.</summary>
    MaxTokens,

    /// <summary>The context is full.</summary>
    ContextFull,

    /// <summary>The caller cancelled it.</summary>
    Cancelled,

    /// <summary>Its <see cref="GenerationOptions.Deadline"/> passed.</summary>
    Deadline,
}
