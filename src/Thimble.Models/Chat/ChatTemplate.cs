namespace Thimble.Models.Chat;

/// <summary>Turns a conversation into the text its model was trained on.</summary>
/// <remarks>
/// <para>The template is the model's own, <c>tokenizer.chat_template</c>, run as it stands. A model without one has none;
/// <see cref="Plain"/> joins contents for models that only continue text.</para>
/// <para>Source: the Jinja 3.1 manual; Hugging Face transformers, <c>apply_chat_template</c>, whose settings and functions hold here:
/// <c>trim_blocks</c>, <c>lstrip_blocks</c>, loop controls, <c>tojson</c> without escapes, <c>raise_exception</c>, <c>strftime_now</c>.
/// Lists and dictionaries may be changed in place, as llama.cpp allows and some templates need; transformers refuses that.</para>
/// </remarks>
public sealed class ChatTemplate
{
    private readonly JinjaTemplate? _template;
    private readonly Lazy<ChatTemplateTraits> _traits;

    private ChatTemplate(string text, JinjaTemplate? template)
    {
        Text = text;
        _template = template;
        _traits = new(() => new TraitsProbe(this).Find());
    }

    /// <summary>For base models: the contents of all messages, one to a line, and no roles.</summary>
    public static ChatTemplate Plain { get; } = new("", null);

    /// <summary>The template's text; empty for <see cref="Plain"/>.</summary>
    public string Text { get; }

    /// <summary>What the template makes use of; found by a dozen renders when first asked.</summary>
    public ChatTemplateTraits Traits => _traits.Value;

    /// <summary>Reads a template.</summary>
    /// <param name="text">The template in Jinja.</param>
    /// <returns>The template, ready to render from any thread.</returns>
    /// <exception cref="InvalidDataException">The template is malformed; the message names line and column.</exception>
    public static ChatTemplate Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text, JinjaTemplate.Read(text));
    }

    /// <summary>Renders a conversation.</summary>
    /// <param name="turns">The messages, oldest first.</param>
    /// <param name="options">Tools, switches, token texts and clock; the standard ones where null.</param>
    /// <returns>The text to tokenize; it holds its special tokens as text, the beginning one too if the template writes it.</returns>
    /// <exception cref="ArgumentException">The template refuses these messages, or a tool or variable is no JSON.</exception>
    /// <exception cref="InvalidDataException">The template does what these messages do not allow, or hits a limit; the message names line and column.</exception>
    public string Render(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(turns);
        options ??= new();
        return _template is null
            ? string.Join('\n', turns.Select(Joined))
            : _template.Render(TemplateVariables.Of(turns, options), options.Limits, options.Clock);
    }

    private static string Joined(ChatTurn turn) =>
        turn.Parts is { } parts ? string.Concat(parts.Select(part => part.Text)) : turn.Content ?? "";
}
