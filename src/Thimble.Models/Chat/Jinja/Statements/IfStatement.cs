namespace Thimble.Models.Chat;

/// <summary><c>{% if %}</c>; an <c>elif</c> is another one in its place of <c>else</c>.</summary>
internal sealed class IfStatement(TemplatePosition at, Expression condition, Statement then, Statement? otherwise) : Statement
{
    public override Flow Run(Scope scope)
    {
        scope.Rendering.Step();
        scope.Rendering.At = at;
        return condition.Evaluate(scope).IsTrue ? then.Run(scope) : otherwise?.Run(scope) ?? Flow.Next;
    }
}
