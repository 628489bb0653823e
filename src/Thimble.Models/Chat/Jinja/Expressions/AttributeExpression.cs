namespace Thimble.Models.Chat;

/// <summary><c>subject.name</c>: a method or attribute first, then an item.</summary>
internal sealed class AttributeExpression(TemplatePosition at, Expression subject, string name) : Expression(at)
{
    protected override JinjaValue Value(Scope scope)
    {
        JinjaValue of = subject.Evaluate(scope);
        Rendering rendering = Here(scope);
        return Get(of, name, rendering);
    }

    public static JinjaValue Get(JinjaValue of, string name, Rendering rendering) => of is UndefinedValue missing
        ? throw rendering.Fault($"{missing.What} is undefined and has no attribute '{name}'.")
        : of.Attribute(name, rendering) ?? of.Lookup(JinjaValue.Of(name)) ?? new UndefinedValue($"the attribute '{name}' of a {of.Kind}");
}
