namespace Thimble.Models.Chat;

/// <summary><c>then if condition else otherwise</c>.</summary>
internal sealed class ConditionalExpression(TemplatePosition at, Expression condition, Expression then, Expression? otherwise) : Expression(at)
{
    protected override JinjaValue Value(Scope scope) => condition.Evaluate(scope).IsTrue
        ? then.Evaluate(scope)
        : otherwise?.Evaluate(scope) ?? new UndefinedValue("an inline 'if' without 'else'");
}
