namespace Thimble.Models.Chat;

/// <summary>A constant.</summary>
internal sealed class LiteralExpression(TemplatePosition at, JinjaValue value) : Expression(at)
{
    protected override JinjaValue Value(Scope scope) => value;
}
