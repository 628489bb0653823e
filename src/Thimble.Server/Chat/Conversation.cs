using Thimble.Models.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.Chat;

/// <summary>A conversation as one model reads it: rendered, tokenized, and known to fit.</summary>
internal sealed class Conversation
{
    private readonly Model _model;
    private readonly ChatAsk _ask;
    private readonly ReplyFormat _format;

    private Conversation(Model model, ChatAsk ask, Prompt prompt, string text)
    {
        (_model, _ask, Prompt, Text) = (model, ask, prompt, text);
        _format = ReplyFormat.Of(model.ChatTemplate, ask.Tools);
    }

    /// <summary>What the model reads: tokens, and images among them.</summary>
    public Prompt Prompt { get; }

    /// <summary>It as text, images as marks.</summary>
    public string Text { get; }

    /// <summary>It in tokens; null where there are images in it.</summary>
    public int[]? Tokens => Prompt.Inserts.IsEmpty ? Prompt.Ids.ToArray() : null;

    /// <summary>Prepares a conversation for a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ask">What is asked.</param>
    /// <param name="exchange">The request.</param>
    /// <param name="field">Where the conversation stands in it.</param>
    /// <exception cref="Rejection">It does not fit the context, or what the server allows, and the client did not ask to have it cut; or an image cannot be seen.</exception>
    public static Task<Conversation> OfAsync(Model model, ChatAsk ask, Exchange exchange, string field = "messages") => Pictures.In(ask.Turns) == 0
        ? Task.FromResult(Of(model, ask, exchange, field))
        : Task.Run(() => Of(model, ask, exchange, field), exchange.Stop);   // looking at them takes a while

    /// <summary>The prompt that a conversation becomes, and the text of it.</summary>
    /// <exception cref="Rejection">An image cannot be seen.</exception>
    public static (Prompt Prompt, string Text) Render(Model model, ChatAsk ask, string field = "messages", CancellationToken stop = default)
    {
        int images = Pictures.In(ask.Turns);
        Pictures.Require(model, images, field);
        try
        {
            return new PromptComposer(model).Compose(ask.Turns, Options(model, ask), ask.Options.Tenant, stop);
        }
        catch (Exception fault) when (images > 0 && Pictures.Refused(fault, field) is { } refused)
        {
            throw refused;
        }
    }

    private static Conversation Of(Model model, ChatAsk ask, Exchange exchange, string field)
    {
        ServerOptions options = exchange.Serving.Options;
        int room = Math.Min(model.ContextLength - 1, options.MaxPromptTokens ?? int.MaxValue);
        while (true)
        {
            (Prompt prompt, string text) = Render(model, ask, field, exchange.Stop);
            if (prompt.Length <= room)
                return new(model, ask, prompt, text);
            if (!ask.Truncates || Shortened(ask.Turns) is not { } fewer)
                throw TooLong(prompt.Length, model, options, field);
            ask = ask with { Turns = fewer };
        }
    }

    private static ChatTemplateOptions Options(Model model, ChatAsk ask) => new()
    {
        BeginText = ChatPrompt.TextOf(model, model.Tokenizer.BeginOfText),
        EndText = ChatPrompt.TextOf(model, model.Tokenizer.EndOfText),
        Tools = ask.Tools,
        EnableThinking = ask.Thinking,
        Variables = ask.Variables,
    };

    /// <summary>A prompt is longer than it may be: both numbers are named.</summary>
    public static Rejection TooLong(int tokens, Model model, ServerOptions options, string field = "messages")
    {
        bool limited = options.MaxPromptTokens < model.ContextLength - 1;
        long room = limited ? options.MaxPromptTokens!.Value : model.ContextLength;
        return new(400, Rejection.Invalid, limited
            ? $"The prompt has {tokens} tokens; this server takes {room}. Shorten it."
            : $"The prompt has {tokens} tokens; the context holds {room}, the answer included. Shorten it, ask for truncation, or serve the model with a longer context.")
        {
            Field = field,
            Code = "context_length_exceeded",
            Room = (tokens, room),
        };
    }

    /// <summary>Begins an answer.</summary>
    /// <param name="index">Which of several: each draws from a seed of its own.</param>
    /// <param name="stop">Ends it.</param>
    public Answering Start(int index, CancellationToken stop)
    {
        GenerationOptions options = _ask.Options with { ParseSpecial = true, ShowSpecial = _format.NeedsSpecial };
        options = options with { Format = AnswerFormat.Of(_ask, _format, _model.ChatTemplate, Text) };
        if (index > 0 && options.Sampling.Seed is { } seed)
            options = options with { Sampling = options.Sampling with { Seed = seed + (ulong)index } };
        Session session = _model.CreateSession();
        try
        {
            Generation generation = session.Continue(Prompt, options, stop);
            int calls = _ask.Turns.Sum(turn => turn.ToolCalls.Count);
            return new Answering(session, generation, _format.Read(Text), calls) { CallsInParallel = _ask.CallsInParallel };
        }
        catch (Exception fault)
        {
            session.Dispose();
            if (FormatFields.Refused(options, fault) is { } refused)
                throw refused;
            throw;
        }
    }

    /// <summary>The conversation without its oldest exchange; null where nothing but instructions and the last message is left.</summary>
    private static List<ChatTurn>? Shortened(IReadOnlyList<ChatTurn> turns)
    {
        int first = 0;
        while (first < turns.Count && turns[first].Role is "system" or "developer")
            first++;
        int last = turns.Count - 1;
        while (last > first && turns[last].Role != "user")
            last--;
        if (first >= last)
            return null;

        int next = first + 1;
        while (next < last && turns[next].Role != "user")
            next++;   // an answer, or the result of a tool, makes no sense without its question
        return [.. turns.Take(first), .. turns.Skip(next)];
    }
}
