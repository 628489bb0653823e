namespace Thimble.Models.Chat;

/// <summary>A node of a template that does something.</summary>
internal abstract class Statement
{
    public abstract Flow Run(Scope scope);
}
