namespace Thimble.Models.Chat;

/// <summary><c>{% set target %}body{% endset %}</c>: the text the body writes, after filters if any.</summary>
internal sealed class CaptureStatement(TemplatePosition at, BlockStatement body, CapturedExpression captured, Expression filtered, Target target)
    : Statement
{
    public override Flow Run(Scope scope)
    {
        Scope inner = scope.Inner();
        Flow flow = Flow.Next;
        string text = scope.Rendering.Capture(() => flow = body.Run(inner));
        CapturedExpression.Set(inner, text);
        JinjaValue value = ReferenceEquals(captured, filtered) ? JinjaValue.Of(text) : filtered.Evaluate(inner);
        scope.Rendering.At = at;
        target.Assign(scope, value);
        return flow;
    }
}
