namespace Thimble.Models.Chat;

/// <summary>A node of a template that has a value.</summary>
/// <param name="at">Where it stands.</param>
internal abstract class Expression(TemplatePosition at)
{
    public TemplatePosition At { get; } = at;

    /// <summary>The value, as one step of the rendering.</summary>
    public JinjaValue Evaluate(Scope scope)
    {
        scope.Rendering.Step();
        return Value(scope);
    }

    protected abstract JinjaValue Value(Scope scope);

    /// <summary>The rendering, with this node as the place that faults name.</summary>
    protected Rendering Here(Scope scope)
    {
        scope.Rendering.At = At;
        return scope.Rendering;
    }
}
