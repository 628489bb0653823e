namespace Thimble.Models.Chat;

/// <summary><c>subject | filter(arguments)</c>.</summary>
internal sealed class FilterExpression(TemplatePosition at, string name, Expression subject, CallArguments arguments) : Expression(at)
{
    protected override JinjaValue Value(Scope scope)
    {
        JinjaValue of = subject.Evaluate(scope);
        Arguments values = arguments.Evaluate(scope);
        return AllFilters.Apply(name, of, values, Here(scope));
    }
}
