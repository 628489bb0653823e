using System.Globalization;

namespace Thimble.Models.Chat;

/// <summary>A whole number of 64 bits; what needs more is a fault.</summary>
internal sealed class IntegerValue(long value) : JinjaValue
{
    public long Value { get; } = value;

    public override string Kind => "int";

    public override bool IsTrue => Value != 0;

    public override void PrintQuoted(Printer to) => to.Append(Value.ToString(CultureInfo.InvariantCulture));

    public override bool Equals(object? obj) => Numbers.Same(this, obj);

    public override int GetHashCode() => Value.GetHashCode();
}
