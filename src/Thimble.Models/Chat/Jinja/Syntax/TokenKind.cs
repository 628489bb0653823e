namespace Thimble.Models.Chat;

/// <summary>What a token of a template is.</summary>
internal enum TokenKind
{
    Text,
    PrintBegin,
    PrintEnd,
    TagBegin,
    TagEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}
