namespace Thimble.Models.Chat;

/// <summary>Names and their values: a loop, a macro and a block each open one inside the scope around them.</summary>
internal sealed class Scope(Scope? outer, Rendering rendering)
{
    private Dictionary<string, JinjaValue>? _values;

    public Rendering Rendering { get; } = rendering;

    public Scope Inner() => new(this, Rendering);

    public void Set(string name, JinjaValue value) => (_values ??= new(StringComparer.Ordinal))[name] = value;

    public JinjaValue? Find(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Around)
        {
            if (scope._values is { } values && values.TryGetValue(name, out JinjaValue? value))
                return value;
        }
        return null;
    }

    private Scope? Around { get; } = outer;
}
