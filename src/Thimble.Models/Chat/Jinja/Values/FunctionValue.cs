namespace Thimble.Models.Chat;

/// <summary>Something a template can call: a function, a method bound to its value, or a macro.</summary>
internal sealed class FunctionValue(string name, Func<Rendering, Arguments, JinjaValue> body) : JinjaValue
{
    /// <summary>Attributes, such as a macro's <c>name</c>.</summary>
    public Dictionary<string, JinjaValue> Attributes { get; } = new(StringComparer.Ordinal);

    public override string Kind => "function";

    public override bool IsTrue => true;

    public override void PrintQuoted(Printer to) => to.Append($"<function {name}>");

    public override JinjaValue? Attribute(string name, Rendering rendering) => Attributes.GetValueOrDefault(name);

    public override JinjaValue Call(Rendering rendering, Arguments arguments) => body(rendering, arguments);
}
