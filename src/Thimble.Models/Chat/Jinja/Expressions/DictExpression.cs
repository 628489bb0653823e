namespace Thimble.Models.Chat;

/// <summary><c>{key: value}</c>.</summary>
internal sealed class DictExpression(TemplatePosition at, List<(Expression Key, Expression Value)> items) : Expression(at)
{
    protected override JinjaValue Value(Scope scope)
    {
        var dict = new DictValue();
        foreach ((Expression key, Expression value) in items)
        {
            JinjaValue name = key.Evaluate(scope);
            if (!DictValue.IsKey(name))
                throw Here(scope).Fault($"a value of type {name.Kind} cannot be a dictionary's key.");
            dict.Items[name] = value.Evaluate(scope);
        }
        return dict;
    }
}
