namespace Thimble.Models.Chat;

/// <summary>A list, or a tuple where <see cref="IsTuple"/>.</summary>
internal sealed class ListValue(List<JinjaValue> items, bool isTuple = false) : JinjaValue
{
    public List<JinjaValue> Items { get; } = items;

    public bool IsTuple { get; } = isTuple;

    public override string Kind => IsTuple ? "tuple" : "list";

    public override bool IsTrue => Items.Count > 0;

    public override int? Length => Items.Count;

    public override bool IsIndexed => true;

    public override void PrintQuoted(Printer to)
    {
        to.Enter();
        to.Append(IsTuple ? "(" : "[");
        for (int i = 0; i < Items.Count; i++)
        {
            if (i > 0)
                to.Append(", ");
            Items[i].PrintQuoted(to);
        }
        to.Append(IsTuple ? Items.Count == 1 ? ",)" : ")" : "]");
        to.Leave();
    }

    public override IEnumerable<JinjaValue> Elements(Rendering rendering)
    {
        for (int i = 0; i < Items.Count; i++)   // by index: a template may append to what it walks
            yield return Items[i];
    }

    public override JinjaValue? Lookup(JinjaValue key)
    {
        if (!Numbers.IsWhole(key, out long index))
            return null;
        if (index < 0)
            index += Items.Count;
        return index < 0 || index >= Items.Count ? null : Items[(int)index];
    }

    public override JinjaValue? Attribute(string name, Rendering rendering) =>
        IsTuple && name is not ("count" or "index") ? null : ListMethods.Find(name)?.Bind(this);
}
