namespace Thimble.Models.Chat;

/// <summary><c>{% set target = value %}</c>.</summary>
internal sealed class SetStatement(TemplatePosition at, Target target, Expression value) : Statement
{
    public override Flow Run(Scope scope)
    {
        JinjaValue assigned = value.Evaluate(scope);
        scope.Rendering.At = at;
        target.Assign(scope, assigned);
        return Flow.Next;
    }
}
