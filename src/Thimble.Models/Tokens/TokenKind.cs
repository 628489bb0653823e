namespace Thimble.Models.Tokens;

/// <summary>What a token of a vocabulary is for; the numbers are those of <c>tokenizer.ggml.token_type</c>.</summary>
public enum TokenKind
{
    /// <summary>Not said.</summary>
    Undefined = 0,

    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>Stands for text the vocabulary cannot write.</summary>
    Unknown = 2,

    /// <summary>A sign between the model and its runtime, such as the end of a turn; never made from a user's text.</summary>
    Control = 3,

    /// <summary>Text that is always one token, found before everything else.</summary>
    UserDefined = 4,

    /// <summary>A hole in the numbering.</summary>
    Unused = 5,

    /// <summary>A single byte, written <c>&lt;0x0A&gt;</c>.</summary>
    Byte = 6,
}
