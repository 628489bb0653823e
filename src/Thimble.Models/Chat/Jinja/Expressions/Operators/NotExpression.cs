namespace Thimble.Models.Chat;

/// <summary><c>not operand</c>.</summary>
internal sealed class NotExpression(TemplatePosition at, Expression operand) : Expression(at)
{
    protected override JinjaValue Value(Scope scope) => JinjaValue.Of(!operand.Evaluate(scope).IsTrue);
}
