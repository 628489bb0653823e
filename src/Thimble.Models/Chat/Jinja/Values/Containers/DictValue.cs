namespace Thimble.Models.Chat;

/// <summary>A dictionary in the order its keys came; keys are texts, numbers, truth values or <c>None</c>.</summary>
internal sealed class DictValue : JinjaValue
{
    public OrderedDictionary<JinjaValue, JinjaValue> Items { get; } = [];

    public override string Kind => "dict";

    public override bool IsTrue => Items.Count > 0;

    public override int? Length => Items.Count;

    public override bool IsIndexed => true;

    public JinjaValue this[string key]
    {
        set => Items[Of(key)] = value;
    }

    /// <summary>Whether a value may be a key here.</summary>
    public static bool IsKey(JinjaValue key) =>
        key is TextValue or IntegerValue or FloatValue or BooleanValue or NoneValue;

    public override void PrintQuoted(Printer to)
    {
        to.Enter();
        string before = "{";
        foreach ((JinjaValue key, JinjaValue value) in Items)
        {
            to.Append(before);
            key.PrintQuoted(to);
            to.Append(": ");
            value.PrintQuoted(to);
            before = ", ";
        }
        to.Append(Items.Count == 0 ? "{}" : "}");
        to.Leave();
    }

    public override IEnumerable<JinjaValue> Elements(Rendering rendering) => Walk(pair => pair.Key, rendering);

    public override JinjaValue? Lookup(JinjaValue key) =>
        IsKey(key) && Items.TryGetValue(key, out JinjaValue? value) ? value : null;

    public override JinjaValue? Attribute(string name, Rendering rendering) => DictMethods.Find(name, this);

    /// <summary>Walks the pairs; a change of size on the way is a fault, as in Python.</summary>
    public IEnumerable<JinjaValue> Walk(Func<KeyValuePair<JinjaValue, JinjaValue>, JinjaValue> part, Rendering rendering)
    {
        int count = Items.Count;
        for (int i = 0; i < count; i++)
        {
            if (Items.Count != count)
                throw rendering.Fault("a dictionary changed its size while a loop walked it.");
            yield return part(Items.GetAt(i));
        }
    }
}
