namespace Thimble.Models.Chat;

/// <summary><c>{% with name = value %}body{% endwith %}</c>: names for the body alone.</summary>
internal sealed class WithStatement(List<(Target Target, Expression Value)> values, BlockStatement body) : Statement
{
    public override Flow Run(Scope scope)
    {
        Scope inner = scope.Inner();
        foreach ((Target target, Expression value) in values)
            target.Assign(inner, value.Evaluate(scope));
        return body.Run(inner);
    }
}
