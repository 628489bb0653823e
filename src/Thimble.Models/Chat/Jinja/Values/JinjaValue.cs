namespace Thimble.Models.Chat;

/// <summary>A value of a template: one of a small closed set of kinds that behave as Python's do.</summary>
internal abstract class JinjaValue
{
    private protected JinjaValue()
    {
    }

    /// <summary>Python's name for the type, for messages.</summary>
    public abstract string Kind { get; }

    /// <summary>Python's <c>bool(x)</c>.</summary>
    public abstract bool IsTrue { get; }

    /// <summary>Python's <c>len(x)</c>, or null where it has none.</summary>
    public virtual int? Length => null;

    /// <summary>Whether <c>x[key]</c> is something the value offers at all, as Jinja's test <c>sequence</c> asks.</summary>
    public virtual bool IsIndexed => false;

    /// <summary>Appends <c>str(x)</c>.</summary>
    public virtual void Print(Printer to) => PrintQuoted(to);

    /// <summary>Appends <c>repr(x)</c>.</summary>
    public abstract void PrintQuoted(Printer to);

    /// <summary>The elements in turn, or null where the value has none.</summary>
    public virtual IEnumerable<JinjaValue>? Elements(Rendering rendering) => null;

    /// <summary>What stands under a key, or null.</summary>
    public virtual JinjaValue? Lookup(JinjaValue key) => null;

    /// <summary>A named attribute or method, or null.</summary>
    public virtual JinjaValue? Attribute(string name, Rendering rendering) => null;

    /// <summary>Calls the value.</summary>
    public virtual JinjaValue Call(Rendering rendering, Arguments arguments) =>
        throw rendering.Fault($"a value of type {Kind} is called; only functions and macros can be.");

    public static JinjaValue Of(bool value) => value ? BooleanValue.True : BooleanValue.False;

    public static JinjaValue Of(long value) => new IntegerValue(value);

    public static JinjaValue Of(double value) => new FloatValue(value);

    public static JinjaValue Of(string value) => new TextValue(value);
}
