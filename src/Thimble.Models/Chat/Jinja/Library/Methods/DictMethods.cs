namespace Thimble.Models.Chat;

/// <summary>The methods of Python's <c>dict</c>.</summary>
internal static class DictMethods
{
    private static readonly Dictionary<string, Builtin> s_methods = Builtin.Table(
        Builtin.Of("get(self, key, default?)", (rendering, b) => Self(b).Lookup(b[1]!) ?? b[2] ?? NoneValue.Instance),
        Builtin.Of("items(self)", (rendering, b) => new ViewValue("dict_items", Pairs(Self(b), rendering), () => Self(b).Items.Count)),
        Builtin.Of("keys(self)", (rendering, b) => new ViewValue("dict_keys", Self(b).Elements(rendering), () => Self(b).Items.Count)),
        Builtin.Of("values(self)", (rendering, b) =>
            new ViewValue("dict_values", Self(b).Walk(pair => pair.Value, rendering), () => Self(b).Items.Count)),
        Builtin.Of("pop(self, key, default?)", Pop),
        Builtin.Of("setdefault(self, key, default?)", SetDefault),
        Builtin.Of("copy(self)", (rendering, b) => Merge(new(), b[0]!, rendering)),
        Builtin.Of("clear(self)", (rendering, b) =>
        {
            Self(b).Items.Clear();
            return NoneValue.Instance;
        }));

    /// <summary>A method by name, bound to its dictionary, or null.</summary>
    public static FunctionValue? Find(string name, DictValue self) => name == "update"
        ? new(name, (rendering, arguments) => Update(self, rendering, arguments))
        : s_methods.GetValueOrDefault(name)?.Bind(self);

    /// <summary>The pairs as tuples.</summary>
    public static IEnumerable<JinjaValue> Pairs(DictValue dict, Rendering rendering) =>
        dict.Walk(pair => new ListValue([pair.Key, pair.Value], isTuple: true), rendering);

    /// <summary>Puts a dictionary's pairs, a namespace's, or a list of pairs into a dictionary.</summary>
    public static DictValue Merge(DictValue into, JinjaValue from, Rendering rendering)
    {
        foreach (JinjaValue pair in from is DictValue dict ? [.. Pairs(dict, rendering)] : rendering.List(from))
        {
            if (rendering.List(pair) is not [var key, var value] || !DictValue.IsKey(key))
                throw rendering.Fault("a dictionary is made of pairs of a key and a value.");
            into.Items[key] = value;
        }
        rendering.CheckLength(into.Items.Count);
        return into;
    }

    private static DictValue Self(JinjaValue?[] b) => (DictValue)b[0]!;

    private static NoneValue Update(DictValue self, Rendering rendering, Arguments arguments)
    {
        foreach (JinjaValue place in arguments.Places)
            Merge(self, place, rendering);
        foreach ((string name, JinjaValue value) in arguments.Names)
            self[name] = value;
        return NoneValue.Instance;
    }

    private static JinjaValue Pop(Rendering rendering, JinjaValue?[] b)
    {
        JinjaValue? value = Self(b).Lookup(b[1]!);
        if (value is not null)
            Self(b).Items.Remove(b[1]!);
        return value ?? b[2] ?? throw rendering.Fault($"'pop' finds no key {rendering.Text(b[1]!)}.");
    }

    private static JinjaValue SetDefault(Rendering rendering, JinjaValue?[] b)
    {
        if (Self(b).Lookup(b[1]!) is { } value)
            return value;
        if (!DictValue.IsKey(b[1]!))
            throw rendering.Fault($"a value of type {b[1]!.Kind} cannot be a dictionary's key.");
        return Self(b).Items[b[1]!] = b[2] ?? NoneValue.Instance;
    }
}
