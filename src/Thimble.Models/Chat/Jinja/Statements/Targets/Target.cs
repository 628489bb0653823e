namespace Thimble.Models.Chat;

/// <summary>Something a value is assigned to.</summary>
internal abstract class Target
{
    public abstract void Assign(Scope scope, JinjaValue value);
}
