namespace Thimble.Models.Chat;

/// <summary><c>subject[key]</c>: an item first, then an attribute.</summary>
internal sealed class ItemExpression(TemplatePosition at, Expression subject, Expression key) : Expression(at)
{
    protected override JinjaValue Value(Scope scope)
    {
        JinjaValue of = subject.Evaluate(scope), by = key.Evaluate(scope);
        return Get(of, by, Here(scope));
    }

    public static JinjaValue Get(JinjaValue of, JinjaValue key, Rendering rendering)
    {
        if (of is UndefinedValue missing)
            throw rendering.Fault($"{missing.What} is undefined and has no items.");
        JinjaValue? item = of.Lookup(key);
        if (item is null && key is TextValue name)
            item = of.Attribute(name.Value, rendering);
        return item ?? new UndefinedValue($"the item {(key is TextValue text ? $"'{text.Value}'" : rendering.Text(key))} of a {of.Kind}");
    }
}
