namespace Thimble.Models.Chat;

/// <summary>Python's <c>True</c> and <c>False</c>, which count as 1 and 0.</summary>
internal sealed class BooleanValue : JinjaValue
{
    public static readonly BooleanValue True = new(true), False = new(false);

    private readonly bool _value;

    private BooleanValue(bool value) => _value = value;

    public override string Kind => "bool";

    public override bool IsTrue => _value;

    public override void PrintQuoted(Printer to) => to.Append(_value ? "True" : "False");

    public override bool Equals(object? obj) => Numbers.Same(this, obj);

    public override int GetHashCode() => _value ? 1 : 0;
}
