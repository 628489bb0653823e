namespace Thimble.Models.Chat;

/// <summary>A number of double precision.</summary>
internal sealed class FloatValue(double value) : JinjaValue
{
    public double Value { get; } = value;

    public override string Kind => "float";

    public override bool IsTrue => Value != 0;

    public override void PrintQuoted(Printer to) => to.Append(PythonText.Float(Value));

    public override bool Equals(object? obj) => Numbers.Same(this, obj);

    public override int GetHashCode() =>
        Value == Math.Floor(Value) && Math.Abs(Value) < 1e18 ? ((long)Value).GetHashCode() : Value.GetHashCode();
}
