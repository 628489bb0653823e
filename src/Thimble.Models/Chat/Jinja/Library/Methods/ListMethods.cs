namespace Thimble.Models.Chat;

/// <summary>The methods of Python's <c>list</c>; they change the list in place, which never reaches outside the render.</summary>
internal static class ListMethods
{
    private static readonly Dictionary<string, Builtin> s_methods = Builtin.Table(
        Builtin.Of("append(self, item)", (rendering, b) => Change(rendering, Self(b), items => items.Add(b[1]!))),
        Builtin.Of("extend(self, items)", (rendering, b) => Change(rendering, Self(b), items => items.AddRange(rendering.List(b[1]!)))),
        Builtin.Of("insert(self, index, item)", (rendering, b) => Change(rendering, Self(b), items => items.Insert(Clamp(b[1]!, items, rendering), b[2]!))),
        Builtin.Of("clear(self)", (rendering, b) => Change(rendering, Self(b), items => items.Clear())),
        Builtin.Of("reverse(self)", (rendering, b) => Change(rendering, Self(b), items => items.Reverse())),
        Builtin.Of("copy(self)", (rendering, b) => new ListValue(rendering.List(b[0]!))),
        Builtin.Of("pop(self, index?)", Pop),
        Builtin.Of("remove(self, item)", (rendering, b) => Change(rendering, Self(b), items => items.RemoveAt(Index(rendering, b)))),
        Builtin.Of("index(self, item)", (rendering, b) => JinjaValue.Of((long)Index(rendering, b))),
        Builtin.Of("count(self, item)", (rendering, b) => JinjaValue.Of((long)Self(b).Count(item => Comparing.Same(item, b[1]!, rendering)))));

    public static Builtin? Find(string name) => s_methods.GetValueOrDefault(name);

    private static List<JinjaValue> Self(JinjaValue?[] b) => ((ListValue)b[0]!).Items;

    private static NoneValue Change(Rendering rendering, List<JinjaValue> items, Action<List<JinjaValue>> change)
    {
        change(items);
        rendering.CheckLength(items.Count);
        return NoneValue.Instance;
    }

    private static int Clamp(JinjaValue index, List<JinjaValue> items, Rendering rendering)
    {
        long at = TextMethods.Whole(index, 0, rendering);
        return (int)Math.Clamp(at < 0 ? at + items.Count : at, 0, items.Count);
    }

    private static JinjaValue Pop(Rendering rendering, JinjaValue?[] b)
    {
        List<JinjaValue> items = Self(b);
        long at = TextMethods.Whole(b[1], -1, rendering);
        at = at < 0 ? at + items.Count : at;
        if (at < 0 || at >= items.Count)
            throw rendering.Fault($"'pop' asks for item {at} of {items.Count}.");
        JinjaValue item = items[(int)at];
        items.RemoveAt((int)at);
        return item;
    }

    private static int Index(Rendering rendering, JinjaValue?[] b) =>
        Self(b).FindIndex(item => Comparing.Same(item, b[1]!, rendering)) is var at and >= 0
            ? at
            : throw rendering.Fault("the list does not hold the item it is asked for.");
}
