namespace Thimble.Models.Chat;

/// <summary><c>a &lt; b &lt; c</c>: every neighbouring pair must hold, and the first that does not ends the asking.</summary>
internal sealed class ComparisonExpression(TemplatePosition at, Expression first, List<(string Operation, Expression Right)> rest) : Expression(at)
{
    protected override JinjaValue Value(Scope scope)
    {
        JinjaValue left = first.Evaluate(scope);
        foreach ((string operation, Expression next) in rest)
        {
            JinjaValue right = next.Evaluate(scope);
            if (!Holds(operation, left, right, Here(scope)))
                return BooleanValue.False;
            left = right;
        }
        return BooleanValue.True;
    }

    private static bool Holds(string operation, JinjaValue left, JinjaValue right, Rendering rendering) => operation switch
    {
        "==" => Comparing.Same(left, right, rendering),
        "!=" => !Comparing.Same(left, right, rendering),
        "in" => Comparing.Contains(right, left, rendering),
        "not in" => !Comparing.Contains(right, left, rendering),
        "<" => Comparing.Order(left, right, rendering) < 0,
        "<=" => Comparing.Order(left, right, rendering) <= 0,
        ">" => Comparing.Order(left, right, rendering) > 0,
        _ => Comparing.Order(left, right, rendering) >= 0,
    };
}
