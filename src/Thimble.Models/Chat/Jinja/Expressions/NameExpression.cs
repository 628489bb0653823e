namespace Thimble.Models.Chat;

/// <summary>A variable or function by its name.</summary>
internal sealed class NameExpression(TemplatePosition at, string name) : Expression(at)
{
    protected override JinjaValue Value(Scope scope) => scope.Find(name) ?? new UndefinedValue($"'{name}'");
}
