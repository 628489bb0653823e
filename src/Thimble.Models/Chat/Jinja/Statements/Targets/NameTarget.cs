namespace Thimble.Models.Chat;

/// <summary>A variable of the scope.</summary>
internal sealed class NameTarget(string name) : Target
{
    public override void Assign(Scope scope, JinjaValue value) => scope.Set(name, value);
}
