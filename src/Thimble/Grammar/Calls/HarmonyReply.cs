namespace Thimble.Grammar;

/// <summary>Replies as messages on channels: reasoning and text are free, calls are held to their tools.</summary>
/// <param name="terms">Where terms are made.</param>
/// <param name="calls">What may, or must, be called.</param>
/// <remarks>Source: OpenAI, Harmony response format, 2025.</remarks>
internal sealed class HarmonyReply(Terms terms, CallFormat calls)
{
    private static readonly string[] s_marks = ["<|end|>", "<|start|>", "<|channel|>", "<|message|>", "<|call|>", "<|return|>"];

    /// <summary>The whole reply, behind the header's first words, which the prompt ends with.</summary>
    public Term Whole
    {
        get
        {
            Term next = terms.Sequence(Mark("<|end|>"), Mark("<|start|>"), terms.Literal("assistant"));
            Term before = terms.Repeat(terms.Sequence(Message("analysis", "commentary"), next));
            Term call = Call();
            if (calls.IsRequired)
                return terms.Sequence(before, call);
            return calls.Said is { } schema
                ? terms.Sequence(before, terms.Choice(call, terms.Sequence(Header("final"), CallFormat.Json(terms, schema))))
                : terms.Sequence(before, terms.Optional(terms.Choice(call, Message("analysis", "commentary", "final"))));
        }
    }

    private Term Mark(string mark) => CallFormat.Mark(terms, mark);

    private Term Header(params string[] channels) =>
        terms.Sequence(Mark("<|channel|>"), terms.Choice(channels.Select(channel => terms.Literal(channel))), Mark("<|message|>"));

    private Term Message(params string[] channels)
    {
        Term any = terms.Everything;
        return terms.Sequence(Header(channels), terms.Not(terms.Sequence(any, terms.Choice(s_marks.Select(mark => terms.Literal(mark))), any)));
    }

    /// <summary>A call: the tool's name stands in the header, before or behind the channel.</summary>
    private Term Call()
    {
        Term space = terms.Optional(terms.Literal(" "));
        Term json = terms.Choice(space, terms.Sequence(space, Mark("<|constrain|>"), terms.Literal("json")), terms.Literal(" json"));   // a name ends at the space
        Term channel = terms.Sequence(Mark("<|channel|>"), terms.Literal("commentary"));
        return calls.AnyTool(terms, (name, arguments) =>
        {
            Term to = terms.Literal($" to=functions.{name}");
            return terms.Sequence([terms.Choice(terms.Sequence(channel, to), terms.Sequence(to, channel)), json, Mark("<|message|>"), arguments]);
        });
    }
}
