namespace Thimble.Models.Chat;

/// <summary>A Jinja template, read once and rendered often; it reaches nothing but the values it is given.</summary>
/// <remarks>Source: the Jinja 3.1 manual, with white space and functions as Hugging Face's transformers sets them up for chat templates.
/// Blocks, inheritance and inclusion are left out: a chat template is one text.</remarks>
internal sealed class JinjaTemplate
{
    private readonly BlockStatement _body;

    private JinjaTemplate(BlockStatement body) => _body = body;

    /// <summary>Reads a template.</summary>
    /// <exception cref="InvalidDataException">The template is malformed; the message names line and column.</exception>
    public static JinjaTemplate Read(string text) => new(StatementParser.Read(text));

    /// <summary>Renders with the variables given.</summary>
    /// <exception cref="InvalidDataException">The template does what its values do not allow, or hits a limit.</exception>
    /// <exception cref="ArgumentException">The template called <c>raise_exception</c>.</exception>
    public string Render(IEnumerable<KeyValuePair<string, JinjaValue>> variables, TemplateLimits limits, TimeProvider clock)
    {
        var rendering = new Rendering(limits, clock);
        var outermost = new Scope(null, rendering);
        Globals.Define(outermost);
        foreach ((string name, JinjaValue value) in variables)
            outermost.Set(name, value);
        _body.Run(outermost.Inner());
        return rendering.Output;
    }
}
