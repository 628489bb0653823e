namespace Thimble.Models.Chat;

/// <summary>An attribute of a namespace, which outlives the loop that sets it.</summary>
internal sealed class NamespaceTarget(string name, string attribute) : Target
{
    public override void Assign(Scope scope, JinjaValue value)
    {
        if (scope.Find(name) is not NamespaceValue owner)
            throw scope.Rendering.Fault($"'{name}.{attribute}' cannot be set: '{name}' is no namespace().");
        owner.Items[attribute] = value;
    }
}
