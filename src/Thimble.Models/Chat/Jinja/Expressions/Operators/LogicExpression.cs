namespace Thimble.Models.Chat;

/// <summary><c>left or right</c>, which stops at a true left, and <c>left and right</c>, which stops at a false one; the value is the last one asked.</summary>
internal sealed class LogicExpression(TemplatePosition at, Expression left, Expression right, bool stopsAt) : Expression(at)
{
    protected override JinjaValue Value(Scope scope)
    {
        JinjaValue first = left.Evaluate(scope);
        return first.IsTrue == stopsAt ? first : right.Evaluate(scope);
    }
}
