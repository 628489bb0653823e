namespace Thimble.Models.Chat;

/// <summary>The text that a block just captured: the subject of the filters on a <c>set</c> or <c>filter</c> block.</summary>
internal sealed class CapturedExpression(TemplatePosition at) : Expression(at)
{
    private const string Name = " captured";   // no template can spell it

    public static void Set(Scope scope, string text) => scope.Set(Name, JinjaValue.Of(text));

    protected override JinjaValue Value(Scope scope) => scope.Find(Name)!;
}
