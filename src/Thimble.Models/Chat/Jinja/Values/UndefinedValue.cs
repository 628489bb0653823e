namespace Thimble.Models.Chat;

/// <summary>What a name or key that nothing stands under gives: it prints as nothing and is false, and using it further is a fault.</summary>
internal sealed class UndefinedValue(string what) : JinjaValue
{
    /// <summary>What was missing, for messages.</summary>
    public string What { get; } = what;

    public override string Kind => "Undefined";

    public override bool IsTrue => false;

    public override int? Length => 0;

    public override bool IsIndexed => true;

    public override void Print(Printer to)
    {
    }

    public override void PrintQuoted(Printer to) => to.Append("Undefined");

    public override IEnumerable<JinjaValue> Elements(Rendering rendering) => [];

    public override JinjaValue Call(Rendering rendering, Arguments arguments) => throw Fault(rendering);

    public InvalidDataException Fault(Rendering rendering) => rendering.Fault($"{What} is undefined.");

    public override bool Equals(object? obj) => obj is UndefinedValue;

    public override int GetHashCode() => 1;
}
