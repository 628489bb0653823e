using Thimble.Models.Chat;

namespace Thimble.Tests.Models.Chat;

/// <summary>The text that a template says its model writes: what stands between the prompt and the end of an assistant's turn.</summary>
internal sealed record WrittenReply(string Prompt, string Text)
{
    private const string Mark = "Zq7marK";

    /// <summary>Texts of tokens that end a model's text: what a template writes after them, no model does.</summary>
    private static readonly string[] s_ends = ["<|END_OF_TURN_TOKEN|>", "<SPECIAL_12>", "<｜end▁of▁sentence｜>", "<｜hy_eos:opensource｜>", "<|call|>"];

    private static readonly ChatTurn s_user = new("user", "And the weather?");

    /// <summary>Tools whose schemas every template can show.</summary>
    public static string[] Tools { get; } =
    [
        """{"type": "function", "function": {"name": "get_weather", "description": "Gives the weather.", "parameters": {"type": "object", "properties": {"city": {"type": "string", "description": "The place"}, "days": {"type": "integer", "description": "How many"}}, "required": ["city"]}}}""",
        """{"type": "function", "function": {"name": "note", "description": "Notes.", "parameters": {"type": "object", "properties": {"text": {"type": "string", "description": "What"}, "code": {"type": "string", "description": "Which"}, "by": {"type": "number", "description": "How far"}, "loud": {"type": "boolean", "description": "Whether"}}, "required": ["text"]}}}""",
    ];

    /// <summary>The text of a turn; null where the template does not write it after a prompt.</summary>
    public static WrittenReply? Of(ChatTemplate template, ReplyFormat format, ChatTurn turn)
    {
        foreach ((bool? thinks, string effort) in ((bool?, string)[])[(true, ""), (true, "\"high\""), (null, ""), (false, "")])
        {
            ChatTemplateOptions options = new() { Tools = Tools, EndText = "<EOS>", BeginText = "<BOS>", EnableThinking = thinks };
            if (effort.Length > 0)
                options = options with { Variables = new Dictionary<string, string> { ["reasoning_effort"] = effort } };
            if (Of(template, format, turn, options) is { } written)
                return written;
        }

        return null;
    }

    private static WrittenReply? Of(ChatTemplate template, ReplyFormat format, ChatTurn turn, ChatTemplateOptions options)
    {
        if (Render(template, options, s_user) is not { } prompt
            || Render(template, options with { AddGenerationPrompt = false }, s_user, turn) is not { } full)
        {
            return null;
        }

        string anchor = full.StartsWith(prompt, StringComparison.Ordinal) ? prompt : Unopened(format, prompt) ?? prompt;
        if (!full.StartsWith(anchor, StringComparison.Ordinal))
            return null;
        string text = full[anchor.Length..End(template, options, full)];
        int end = s_ends.Min(mark => text.IndexOf(mark, StringComparison.Ordinal) is >= 0 and int at ? at : text.Length);
        bool isInside = turn.Reasoning is { } thought && text.StartsWith(thought, StringComparison.Ordinal);
        return new(isInside ? prompt : anchor, text[..end]);
    }

    /// <summary>A prompt without the reasoning it opens: of turns that are past, many templates leave it out.</summary>
    private static string? Unopened(ReplyFormat format, string prompt)
    {
        foreach ((string open, _) in format.Thinking)
        {
            if (prompt.TrimEnd().EndsWith(open, StringComparison.Ordinal))
                return prompt[..prompt.LastIndexOf(open, StringComparison.Ordinal)];
        }

        return null;
    }

    /// <summary>Where the marks begin that end a turn, which a model's end of text stands for.</summary>
    private static int End(ChatTemplate template, ChatTemplateOptions options, string full)
    {
        string plain = Render(template, options with { AddGenerationPrompt = false }, s_user, new("assistant", Mark)) ?? Mark;
        string end = plain[(plain.LastIndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..];
        return full.EndsWith(end, StringComparison.Ordinal) ? full.Length - end.Length : full.Length;
    }

    private static string? Render(ChatTemplate template, ChatTemplateOptions options, params ChatTurn[] turns)
    {
        try
        {
            return template.Render(turns, options);
        }
        catch (Exception refusal) when (refusal is InvalidDataException or ArgumentException)
        {
            return null;
        }
    }
}
