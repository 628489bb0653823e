namespace Thimble.Models.Chat;

/// <summary>Text that goes to the output as it stands.</summary>
internal sealed class TextStatement(string text) : Statement
{
    public override Flow Run(Scope scope)
    {
        scope.Rendering.Write(text);
        return Flow.Next;
    }
}
