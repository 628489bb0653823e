namespace Thimble.Models.Chat;

/// <summary>A place in a template's text, counted from one.</summary>
internal readonly record struct TemplatePosition(int Line, int Column)
{
    public override string ToString() => $"line {Line}, column {Column}";
}
