namespace Thimble.Models.Chat;

/// <summary>Renders small conversations with marks in them and looks which marks come out.</summary>
internal sealed class TraitsProbe(ChatTemplate template)
{
    private const string Mark = "Zq7marK", OtherMark = "Wx9signUM";

    private const string Tool =
        $$$$"""{"type": "function", "function": {"name": "{{{{Mark}}}}", "description": "d", "parameters": {"type": "object", "properties": {}, "required": []}}}""";

    private static readonly ChatTurn s_user = new("user", "hello");

    private static readonly ChatTurn s_call = new("assistant", "")
    {
        ToolCalls = [new(OtherMark, """{"a": 1}""", "call12345")],
        Reasoning = Mark,
    };

    public ChatTemplateTraits Find()
    {
        var plain = new ChatTemplateOptions { AddGenerationPrompt = false };
        ChatTurn[] called = [s_user, s_call], answered = [.. called, new("tool", Mark) { ToolCallId = "call12345", Name = OtherMark }];
        string? prompted = Render(new(), s_user), alone = Render(plain, s_user);
        return new(
            SystemRole: Shows(Mark, plain, new ChatTurn("system", Mark), s_user),
            Tools: Shows(Mark, plain with { Tools = [Tool] }, s_user),
            ToolCalls: Shows(OtherMark, plain, called),
            ToolResults: Shows(Mark, plain, [answered[0], answered[1] with { Reasoning = null }, answered[2]]),
            Reasoning: Shows(Mark, plain with { EnableThinking = true }, called),
            ThinkingSwitch: Render(new() { EnableThinking = true }, s_user) != Render(new() { EnableThinking = false }, s_user),
            GenerationPrompt: prompted != alone,
            OpensThinking: Render(new() { EnableThinking = true }, s_user) is { } thinking && ThinkingMarks.EndsInside(thinking))
        {
            Parts = !Shows(Mark, plain, new ChatTurn("user", Mark)) && Shows(Mark, plain, new ChatTurn("user") { Parts = [new("text", Mark)] }),
        };
    }

    private bool Shows(string mark, ChatTemplateOptions options, params ChatTurn[] turns) =>
        Render(options, turns)?.Contains(mark, StringComparison.Ordinal) is true;

    /// <summary>The text, or null where the template refuses: to ask is the point here, so a refusal is an answer.</summary>
    private string? Render(ChatTemplateOptions options, params ChatTurn[] turns)
    {
        try
        {
            return template.Render(turns, options with { Limits = new() { Steps = 1_000_000 } });
        }
        catch (Exception refusal) when (refusal is InvalidDataException or ArgumentException)
        {
            return null;
        }
    }
}
