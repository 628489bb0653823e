namespace Thimble.Models.Chat;

/// <summary><c>{% filter name %}body{% endfilter %}</c>.</summary>
internal sealed class FilterStatement(TemplatePosition at, BlockStatement body, Expression filtered) : Statement
{
    public override Flow Run(Scope scope)
    {
        Scope inner = scope.Inner();
        Flow flow = Flow.Next;
        CapturedExpression.Set(inner, scope.Rendering.Capture(() => flow = body.Run(inner)));
        JinjaValue value = filtered.Evaluate(inner);
        scope.Rendering.At = at;
        scope.Rendering.Write(scope.Rendering.Text(value));
        return flow;
    }
}
