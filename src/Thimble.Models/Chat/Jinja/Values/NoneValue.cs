namespace Thimble.Models.Chat;

/// <summary>Python's <c>None</c>.</summary>
internal sealed class NoneValue : JinjaValue
{
    public static readonly NoneValue Instance = new();

    private NoneValue()
    {
    }

    public override string Kind => "NoneType";

    public override bool IsTrue => false;

    public override void PrintQuoted(Printer to) => to.Append("None");
}
