namespace Thimble.Models.Chat;

/// <summary><c>a ~ b</c>: the texts of all parts, one after the other.</summary>
internal sealed class ConcatenationExpression(TemplatePosition at, List<Expression> parts) : Expression(at)
{
    protected override JinjaValue Value(Scope scope)
    {
        var joined = new Printer(scope.Rendering);
        foreach (Expression part in parts)
            part.Evaluate(scope).Print(joined);
        return JinjaValue.Of(joined.ToString());
    }
}
