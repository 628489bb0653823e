namespace Thimble.Models.Chat;

/// <summary><c>function(arguments)</c>.</summary>
internal sealed class CallExpression(TemplatePosition at, Expression function, CallArguments arguments) : Expression(at)
{
    protected override JinjaValue Value(Scope scope) => Call(scope, caller: null);

    /// <summary>Calls with the body of a <c>call</c> block as <c>caller</c>.</summary>
    public JinjaValue Call(Scope scope, JinjaValue? caller)
    {
        JinjaValue called = function.Evaluate(scope);
        Arguments values = arguments.Evaluate(scope);
        if (caller is not null)
            values.Names["caller"] = caller;
        return called.Call(Here(scope), values);
    }
}
