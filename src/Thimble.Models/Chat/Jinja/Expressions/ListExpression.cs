namespace Thimble.Models.Chat;

/// <summary><c>[a, b]</c> or <c>(a, b)</c>.</summary>
internal sealed class ListExpression(TemplatePosition at, List<Expression> items, bool isTuple) : Expression(at)
{
    protected override JinjaValue Value(Scope scope)
    {
        var values = new List<JinjaValue>(items.Count);
        foreach (Expression item in items)
            values.Add(item.Evaluate(scope));
        return new ListValue(values, isTuple);
    }
}
