namespace Thimble.Models.Chat;

/// <summary>A piece of a template: literal text, a bracket of a tag, or a word inside one.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its characters; for a string literal, the string it stands for.</param>
/// <param name="At">Where it begins.</param>
internal readonly record struct Token(TokenKind Kind, string Text, TemplatePosition At)
{
    public bool Is(string symbol) => Kind == TokenKind.Operator && Text == symbol;

    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.TagEnd => "'%}'",
        TokenKind.PrintEnd => "'}}'",
        TokenKind.TagBegin => "'{%'",
        TokenKind.PrintBegin => "'{{'",
        TokenKind.Text => "text",
        _ => $"'{Text}'",
    };
}
