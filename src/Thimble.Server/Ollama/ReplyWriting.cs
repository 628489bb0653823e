using System.Text;
using System.Text.Json;
using Thimble.Library;
using Thimble.Models.Chat;
using Thimble.Server.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.Ollama;

/// <summary>Writes answers in Ollama's two shapes: a <c>message</c> for chats, a <c>response</c> for texts; and at the end what it took.</summary>
internal sealed class ReplyWriting(Exchange exchange, ModelLease lease, long start, bool isChat)
{
    /// <summary>Answers a conversation.</summary>
    public async Task AnswerAsync(ChatAsk ask, LineStream lines)
    {
        Conversation conversation = await Conversation.OfAsync(lease.Model, ask, exchange).ConfigureAwait(false);
        if (Asked.Context(exchange) is not null)
            conversation = await Conversation.OfAsync(lease.Model, ask with { Options = Within(ask.Options, conversation.Prompt.Length) }, exchange).ConfigureAwait(false);
        exchange.Facts.Begin(isChat ? "chat" : "text_completion", lease.Name, exchange.Serving.Options.LogPrompts ? conversation.Text : null);
        Answering answer = conversation.Start(0, exchange.Stop);
        try
        {
            var whole = Piece.None;
            await foreach (AnswerPiece next in answer.ReadAsync(exchange.Stop).ConfigureAwait(false))
            {
                var piece = Piece.Of(next);
                if (lines.Streams && !piece.IsEmpty)
                    await lines.SendAsync(json => Line(json, piece, null)).ConfigureAwait(false);
                else if (!lines.Streams)
                    whole = whole.And(piece);
            }

            exchange.Facts.Finish = Reason(answer.Reason);
            int[]? context = isChat ? null : conversation.Tokens;
            await lines.EndAsync(json => Line(json, whole, answer.Generation, context)).ConfigureAwait(false);
        }
        finally
        {
            exchange.Facts.Count(answer.Generation);
            await answer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Continues tokens as they stand, without a template.</summary>
    public async Task ContinueAsync(int[] tokens, GenerationOptions options, bool tellsContext, LineStream lines)
    {
        ServerOptions allowed = exchange.Serving.Options;
        if (tokens.Length >= lease.Model.ContextLength || tokens.Length > allowed.MaxPromptTokens)
            throw Conversation.TooLong(tokens.Length, lease.Model, allowed, "prompt");
        exchange.Facts.Begin("text_completion", lease.Name, null);
        using Session session = lease.Model.CreateSession();
        Generation generation = session.Continue(tokens, Within(options, tokens.Length), exchange.Stop);
        try
        {
            var whole = Piece.None;
            await foreach (GeneratedToken token in generation.Tokens(exchange.Stop).ConfigureAwait(false))
            {
                Piece piece = new(token.Text, "", [], token.LogProbability is null ? [] : [token]);
                if (lines.Streams && !piece.IsEmpty)
                    await lines.SendAsync(json => Line(json, piece, null)).ConfigureAwait(false);
                else if (!lines.Streams)
                    whole = whole.And(piece);
            }

            exchange.Facts.Finish = Reason(generation.FinishReason);
            await lines.EndAsync(json => Line(json, whole, generation, tellsContext ? session.Tokens() : null)).ConfigureAwait(false);
        }
        finally
        {
            exchange.Facts.Count(generation);
            await generation.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Answers a request without a prompt: the model is opened, or, where it is to stay no time, closed.</summary>
    public static async Task LoadAsync(Exchange exchange, LineStream lines, bool isChat)
    {
        bool closes = Asked.KeepAlive(exchange.Body["keep_alive"]) == TimeSpan.Zero;
        if (closes)
            Shelf.Host(exchange).Unload(Shelf.Plain(Asked.Model(exchange)));
        else
            (await Asked.RentAsync(exchange).ConfigureAwait(false)).Dispose();
        await lines.EndAsync(json =>
        {
            json.WriteStartObject();
            Head(json, exchange, isChat, Piece.None);
            json.WriteBoolean("done", true);
            json.WriteString("done_reason", closes ? "unload" : "load");
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>Why an answer ended, in Ollama's words.</summary>
    public static string Reason(FinishReason reason) => reason is FinishReason.MaxTokens or FinishReason.ContextFull ? "length" : "stop";

    /// <summary>The options within the request's own context: it bounds prompt and answer together.</summary>
    private GenerationOptions Within(GenerationOptions options, int promptTokens)
    {
        if (Asked.Context(exchange) is not { } context)
            return options;

        int room = context - promptTokens;
        return room > 0
            ? options with { MaxTokens = Math.Min(options.MaxTokens ?? int.MaxValue, room) }
            : throw new Rejection(400, Rejection.Invalid, $"The prompt has {promptTokens} tokens; 'options.num_ctx' is {context}. Shorten it, or ask for a longer context.")
            {
                Field = "options.num_ctx",
                Room = (promptTokens, context),
            };
    }

    private void Line(Utf8JsonWriter json, Piece piece, Generation? ended, IReadOnlyList<int>? context = null)
    {
        json.WriteStartObject();
        Head(json, exchange, isChat, piece);
        if (piece.Tokens.Count > 0)
            LogProbabilities(json, piece.Tokens);
        json.WriteBoolean("done", ended is not null);
        if (ended is not null)
            End(json, ended, context);
        json.WriteEndObject();
    }

    private static void Head(Utf8JsonWriter json, Exchange exchange, bool isChat, Piece piece)
    {
        json.WriteString("model", Asked.Model(exchange));
        json.WriteString("created_at", Listing.Time(exchange.Serving.Time.GetUtcNow()));
        if (isChat)
        {
            json.WriteStartObject("message");
            json.WriteString("role", "assistant");
        }

        json.WriteString(isChat ? "content" : "response", piece.Text);
        if (piece.Thinking.Length > 0)
            json.WriteString("thinking", piece.Thinking);
        if (!isChat)
            return;

        if (piece.Calls.Count > 0)
        {
            json.WriteStartArray("tool_calls");
            foreach (ChatToolCall call in piece.Calls)
                Call(json, call);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Call(Utf8JsonWriter json, ChatToolCall call)
    {
        json.WriteStartObject();
        json.WriteString("id", call.Id);
        json.WriteStartObject("function");
        json.WriteString("name", call.Name);
        json.WritePropertyName("arguments");
        json.WriteRawValue(call.Arguments);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void LogProbabilities(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens)
    {
        json.WriteStartArray("logprobs");
        foreach (GeneratedToken token in tokens)
        {
            json.WriteStartObject();
            Likelihood(json, token.Id, token.LogProbability ?? 0);
            if (token.TopLogProbabilities is { Count: > 0 } top)
            {
                json.WriteStartArray("top_logprobs");
                foreach (TokenLogProbability other in top)
                {
                    json.WriteStartObject();
                    Likelihood(json, other.Id, other.LogProbability);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void Likelihood(Utf8JsonWriter json, int token, float logProbability)
    {
        json.WriteString("token", lease.Model.Tokenizer.Decode([token], special: true));
        json.WriteNumber("logprob", logProbability);
    }

    private void End(Utf8JsonWriter json, Generation generation, IReadOnlyList<int>? context)
    {
        GenerationTimings timings = generation.Timings;
        json.WriteString("done_reason", Reason(generation.FinishReason));
        if (context is not null)
        {
            json.WriteStartArray("context");
            foreach (int token in context)
                json.WriteNumberValue(token);
            json.WriteEndArray();
        }

        json.WriteNumber("total_duration", Asked.Nanoseconds(exchange.Serving.Time.GetElapsedTime(start)));
        json.WriteNumber("load_duration", Asked.Nanoseconds(lease.Waited));
        json.WriteNumber("prompt_eval_count", timings.PromptTokens);
        json.WriteNumber("prompt_eval_duration", Asked.Nanoseconds(timings.Prefill));
        json.WriteNumber("eval_count", timings.GeneratedTokens);
        json.WriteNumber("eval_duration", Asked.Nanoseconds(timings.Decode));
    }

    /// <summary>A piece of an answer, sorted.</summary>
    private sealed record Piece(string Text, string Thinking, IReadOnlyList<ChatToolCall> Calls, IReadOnlyList<GeneratedToken> Tokens)
    {
        public static Piece None { get; } = new("", "", [], []);

        public bool IsEmpty => Text.Length == 0 && Thinking.Length == 0 && Calls.Count == 0 && Tokens.Count == 0;

        public static Piece Of(AnswerPiece piece)
        {
            StringBuilder text = new(), thinking = new();
            foreach (ReplyPart part in piece.Parts)
                (part.Kind == ReplyPartKind.Reasoning ? thinking : text).Append(part.Text);
            return new(
                text.ToString(), thinking.ToString(), [.. piece.Parts.Select(part => part.Call).OfType<ChatToolCall>()],
                [.. piece.Tokens.Where(token => token.LogProbability is not null)]);
        }

        public Piece And(Piece next) => new(Text + next.Text, Thinking + next.Thinking, [.. Calls, .. next.Calls], [.. Tokens, .. next.Tokens]);
    }
}
