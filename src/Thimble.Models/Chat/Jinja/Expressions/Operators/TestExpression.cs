namespace Thimble.Models.Chat;

/// <summary><c>subject is test(arguments)</c>.</summary>
internal sealed class TestExpression(TemplatePosition at, string name, Expression subject, CallArguments arguments) : Expression(at)
{
    protected override JinjaValue Value(Scope scope)
    {
        JinjaValue of = subject.Evaluate(scope);
        Arguments values = arguments.Evaluate(scope);
        return JinjaValue.Of(Tests.Holds(name, of, values, Here(scope)));
    }
}
