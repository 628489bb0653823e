namespace Thimble.Models.Chat;

/// <summary>What <c>namespace()</c> makes: attributes that a <c>set</c> inside a loop may change.</summary>
internal sealed class NamespaceValue : JinjaValue
{
    public Dictionary<string, JinjaValue> Items { get; } = new(StringComparer.Ordinal);

    public override string Kind => "Namespace";

    public override bool IsTrue => true;

    public override void PrintQuoted(Printer to) => to.Append("<Namespace>");

    public override JinjaValue? Lookup(JinjaValue key) =>
        key is TextValue text && Items.TryGetValue(text.Value, out JinjaValue? value) ? value : null;

    public override JinjaValue? Attribute(string name, Rendering rendering) => Items.GetValueOrDefault(name);
}
