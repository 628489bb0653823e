namespace Thimble.Models.Chat;

/// <summary><c>{{ value }}</c>.</summary>
internal sealed class PrintStatement(TemplatePosition at, Expression value) : Statement
{
    public override Flow Run(Scope scope)
    {
        JinjaValue printed = value.Evaluate(scope);
        scope.Rendering.At = at;
        scope.Rendering.Write(scope.Rendering.Text(printed));
        return Flow.Next;
    }
}
