namespace Thimble.Models.Chat;

/// <summary><c>-operand</c> or <c>+operand</c>.</summary>
internal sealed class SignExpression(TemplatePosition at, Expression operand, bool isNegative) : Expression(at)
{
    protected override JinjaValue Value(Scope scope)
    {
        JinjaValue value = operand.Evaluate(scope);
        return Numbers.Calculate("*", value, JinjaValue.Of(isNegative ? -1L : 1L), Here(scope))
            ?? throw Here(scope).Fault($"a sign wants a number and got {value.Kind}.");
    }
}
