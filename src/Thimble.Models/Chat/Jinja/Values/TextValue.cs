namespace Thimble.Models.Chat;

/// <summary>A text, counted and cut by code points.</summary>
/// <param name="value">The characters.</param>
/// <param name="isSafe">Whether the filter <c>safe</c> or <c>escape</c> made it: joined to another text by <c>+</c>, it escapes that text.</param>
internal sealed class TextValue(string value, bool isSafe = false) : JinjaValue
{
    public static readonly TextValue Empty = new("");

    public string Value { get; } = value;

    public bool IsSafe { get; } = isSafe;

    public override string Kind => "str";

    public override bool IsTrue => Value.Length > 0;

    public override int? Length => PythonText.Count(Value);

    public override bool IsIndexed => true;

    public override void Print(Printer to) => to.Append(Value);

    public override void PrintQuoted(Printer to) => PythonText.Quote(Value, to);

    public override IEnumerable<JinjaValue> Elements(Rendering rendering)
    {
        for (int i = 0, width; i < Value.Length; i += width)
        {
            width = char.IsSurrogatePair(Value, i) ? 2 : 1;
            yield return Of(Value.Substring(i, width));
        }
    }

    public override JinjaValue? Lookup(JinjaValue key)
    {
        if (!Numbers.IsWhole(key, out long index))
            return null;
        int length = PythonText.Count(Value);
        if (index < 0)
            index += length;
        return index < 0 || index >= length ? null : Of(PythonText.Cut(Value, (int)index, 1));
    }

    public override JinjaValue? Attribute(string name, Rendering rendering) => TextMethods.Find(name, this);

    public override bool Equals(object? obj) => obj is TextValue other && other.Value == Value;

    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);
}
