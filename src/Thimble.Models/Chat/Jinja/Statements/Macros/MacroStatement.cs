namespace Thimble.Models.Chat;

/// <summary><c>{% macro name(parameters) %}</c>.</summary>
internal sealed class MacroStatement(string name, MacroBody body) : Statement
{
    public override Flow Run(Scope scope)
    {
        scope.Set(name, body.Bind(scope));
        return Flow.Next;
    }
}
