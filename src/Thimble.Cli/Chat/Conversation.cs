using Thimble.Models.Chat;
using Thimble.Models.Tokens;

namespace Thimble.Cli.Chat;

/// <summary>What was said so far, and how the model reads it: through its chat template, or as one text that goes on.</summary>
/// <param name="model">The model.</param>
/// <param name="raw">Whether the template is left out.</param>
internal sealed class Conversation(Model model, bool raw)
{
    /// <summary>What was said, oldest first, without what the model was told about its task.</summary>
    public List<ChatTurn> Turns { get; } = [];

    /// <summary>What the model is told about its task; null for nothing.</summary>
    public string? System { get; private set; }

    /// <summary>Whether the model only continues text.</summary>
    public bool Continues { get; } = raw || model.ChatTemplate is null;

    /// <summary>Tells the model about its task.</summary>
    /// <exception cref="ArgumentException">It only continues text.</exception>
    public void Tell(string? system)
    {
        if (system is not null && Continues)
        {
            throw new ArgumentException(
                $"A system text needs a chat template; '{model.Name}' {(raw ? "runs without its own here" : "has none")}. Put the text into the prompt.", nameof(system));
        }

        System = system;
    }

    /// <summary>Adds what a user says.</summary>
    /// <param name="text">The words.</param>
    /// <param name="images">Files of pictures that stand before them.</param>
    /// <exception cref="ArgumentException">There are pictures, and the template is left out.</exception>
    public void Say(string text, IReadOnlyList<byte[]> images)
    {
        if (images.Count > 0 && Continues && model.ChatTemplate is not null)
            throw new ArgumentException("Images stand where the chat template puts them; leave out --raw.", nameof(images));
        Say(text);
        if (images.Count > 0)
            Turns[^1] = Turns[^1] with { Content = null, Parts = [.. images.Select(image => ChatPart.Image(image)), new ChatPart("text", Turns[^1].Content)] };
    }

    /// <summary>Adds what a user says.</summary>
    public void Say(string text)
    {
        bool joins = Continues && Turns is [.., { Content: { Length: > 0 } last }]
            && !char.IsWhiteSpace(last[^1]) && text.Length > 0 && char.IsLetterOrDigit(text[0]);
        Turns.Add(new("user", joins ? " " + text : text));
    }

    /// <summary>All that was said, pictures too, ready for the model to go on.</summary>
    public Prompt Prompt() => Turns.Any(turn => turn.Parts is not null)
        ? model.CreatePrompt(System is null ? Turns : [new("system", System), .. Turns])
        : new(Tokens());

    /// <summary>The tokens of all that was said, ready for the model to go on.</summary>
    public int[] Tokens()
    {
        if (Continues)
        {
            string text = string.Concat(Turns.Select(turn => turn.Content));
            return Encode(text, model.ChatTemplate is not null);
        }

        var options = new ChatTemplateOptions { BeginText = TextOf(model.Tokenizer.BeginOfText), EndText = TextOf(model.Tokenizer.EndOfText) };
        IReadOnlyList<ChatTurn> turns = System is null ? Turns : [new("system", System), .. Turns];
        return Encode(model.ChatTemplate!.Render(turns, options), parseSpecial: true);
    }

    private int[] Encode(string text, bool parseSpecial)
    {
        // A template, or somebody who writes by hand as one, may have written the beginning already.
        Tokenizer tokenizer = model.Tokenizer;
        bool begun = parseSpecial && TextOf(tokenizer.BeginOfText) is { Length: > 0 } begin && text.StartsWith(begin, StringComparison.Ordinal);
        return tokenizer.Encode(text, addSpecial: !begun, parseSpecial);
    }

    private string TextOf(int? token) => token is { } id ? model.Tokenizer.Decode([id], special: true) : "";
}
