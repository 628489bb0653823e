using Thimble.Models.Blocks;
using Thimble.Models.Chat;

namespace Thimble;

/// <summary>From a conversation to a prompt: rendered by the model's template, marks where images stand, and they in place of the marks.</summary>
/// <param name="model">The model.</param>
internal sealed class PromptComposer(Model model)
{
    /// <summary>Composes.</summary>
    /// <param name="turns">What was said, oldest first.</param>
    /// <param name="options">What the template is rendered with.</param>
    /// <param name="tenant">Whose conversation it is: pictures that others have shown are read anew.</param>
    /// <param name="cancellationToken">Ends it between two images.</param>
    /// <returns>The prompt, and the text of it.</returns>
    /// <exception cref="NotSupportedException">There are images, and the model or its template takes none.</exception>
    public (Prompt Prompt, string Text) Compose(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options, string? tenant = null, CancellationToken cancellationToken = default)
    {
        ChatTemplate template = model.ChatTemplate ?? ChatTemplate.Plain;
        ChatPart[] images = [.. turns.SelectMany(turn => turn.Parts ?? []).Where(IsImage)];
        string mark = Mark(turns);
        string text = template.Render([.. turns.Select(turn => Marked(turn, mark, template))], options);
        string[] pieces = images.Length == 0 ? [text] : text.Split(mark);
        if (pieces.Length != images.Length + 1)
        {
            throw new NotSupportedException(
                $"The chat template of '{model.Name}' shows {pieces.Length - 1} of {images.Length} images; put images into messages of users only.");
        }

        return (Compose(pieces, [.. images.Select(image => image.Data)], tenant, cancellationToken), text);
    }

    /// <summary>Composes a text as it stands.</summary>
    /// <param name="pieces">What stands before, between and behind the images.</param>
    /// <param name="images">Each image's file, one fewer than pieces.</param>
    /// <param name="tenant">Whose text it is.</param>
    /// <param name="cancellationToken">Ends it between two images.</param>
    /// <exception cref="NotSupportedException">There are images, and the model takes none.</exception>
    public Prompt Compose(IReadOnlyList<string> pieces, IReadOnlyList<ReadOnlyMemory<byte>> images, string? tenant, CancellationToken cancellationToken)
    {
        List<int> ids = First(pieces[0], images.Count > 0);
        var inserts = new Inserts();
        for (int i = 0; i < images.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            model.Sight.Read(images[i].Span, tenant ?? "").AppendTo(model.Tokenizer, ids, inserts);
            ids.AddRange(model.Tokenizer.Encode(pieces[i + 1], addSpecial: false, parseSpecial: true));
        }

        return new([.. ids], inserts);
    }

    private static bool IsImage(ChatPart part) => part.Kind == "image" && !part.Data.IsEmpty;

    /// <summary>A text that nobody has said.</summary>
    private static string Mark(IReadOnlyList<ChatTurn> turns)
    {
        string mark = "<__image__>";
        while (turns.Any(turn => turn.Content?.Contains(mark, StringComparison.Ordinal) is true
            || turn.Parts?.Any(part => part.Text?.Contains(mark, StringComparison.Ordinal) is true) is true))
        {
            mark = $"<_{mark}_>";
        }

        return mark;
    }

    /// <summary>A turn as the template takes it: contents in parts or in one text, images as marks.</summary>
    private static ChatTurn Marked(ChatTurn turn, string mark, ChatTemplate template)
    {
        if (turn.Parts is null)
            return turn.Content is not null && !ReferenceEquals(template, ChatTemplate.Plain) && template.Traits.Parts ? turn with { Parts = [new("text", turn.Content)] } : turn;
        if (!turn.Parts.Any(IsImage))
            return turn;
        ChatPart[] parts = [.. turn.Parts.Select(part => IsImage(part) ? new("text", mark) : part)];
        return !ReferenceEquals(template, ChatTemplate.Plain) && template.Traits.Parts
            ? turn with { Parts = parts }
            : turn with { Parts = null, Content = string.Concat(parts.Select(part => part.Text)) };
    }

    /// <summary>The first piece's tokens: those that begin a text among them, not those that end one, where more follows.</summary>
    private List<int> First(string piece, bool more)
    {
        bool begins = ChatPrompt.Begins(model, piece);
        if (begins || !more)
            return [.. begins ? model.Tokenizer.Lead : [], .. model.Tokenizer.Encode(piece, addSpecial: !begins, parseSpecial: true)];
        return [.. model.Tokenizer.AddsBeginOfText ? model.Tokenizer.Encode("") : [], .. model.Tokenizer.Encode(piece, addSpecial: false, parseSpecial: true)];
    }
}
