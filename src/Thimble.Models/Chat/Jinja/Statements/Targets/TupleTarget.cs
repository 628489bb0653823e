namespace Thimble.Models.Chat;

/// <summary>Several targets, each taking one element.</summary>
internal sealed class TupleTarget(List<Target> parts) : Target
{
    public override void Assign(Scope scope, JinjaValue value)
    {
        List<JinjaValue> values = scope.Rendering.List(value);
        if (values.Count != parts.Count)
            throw scope.Rendering.Fault($"{values.Count} values are assigned to {parts.Count} names.");
        for (int i = 0; i < parts.Count; i++)
            parts[i].Assign(scope, values[i]);
    }
}
