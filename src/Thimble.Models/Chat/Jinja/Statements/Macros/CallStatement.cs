namespace Thimble.Models.Chat;

/// <summary><c>{% call macro() %}body{% endcall %}</c>: the macro may print the body by calling <c>caller()</c>.</summary>
internal sealed class CallStatement(TemplatePosition at, CallExpression call, MacroBody body) : Statement
{
    public override Flow Run(Scope scope)
    {
        JinjaValue value = call.Call(scope, body.Bind(scope));
        scope.Rendering.At = at;
        scope.Rendering.Write(scope.Rendering.Text(value));
        return Flow.Next;
    }
}
