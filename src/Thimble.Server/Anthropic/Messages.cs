using System.Runtime.CompilerServices;
using Thimble.Library;
using Thimble.Models.Chat;
using Thimble.Server.Chat;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.Anthropic;

/// <summary><c>POST /v1/messages</c> and <c>/v1/messages/count_tokens</c>.</summary>
internal static class Messages
{
    [ModuleInitializer]
    internal static void Register()
    {
        Routes.AddPost("/v1/messages", AnthropicDialect.Dialect, AnswerAsync);
        Routes.Add(new("POST", "/v1/messages/count_tokens", AnthropicDialect.Dialect, CountAsync));
    }

    private static async Task CountAsync(Exchange exchange)
    {
        ChatAsk ask = MessageReading.Read(exchange, counts: true);
        using ModelLease lease = await exchange.RentAsync(exchange.Body["model"]).ConfigureAwait(false);
        int tokens = (await Conversation.OfAsync(lease.Model, ask, exchange).ConfigureAwait(false)).Prompt.Length;
        await exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("input_tokens", tokens);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static async Task AnswerAsync(Exchange exchange)
    {
        Field body = exchange.Body;
        ChatAsk ask = MessageReading.Read(exchange, counts: false);
        bool streams = body["stream"].Flag() ?? false;
        using ModelLease lease = await exchange.RentAsync(body["model"]).ConfigureAwait(false);
        ask = ask with { Options = ask.Options with { Adapters = exchange.Serving.Adapters.For(lease, body) } };
        Conversation conversation = await Conversation.OfAsync(lease.Model, ask, exchange).ConfigureAwait(false);
        exchange.Facts.Begin("chat", lease.Name, exchange.Serving.Options.LogPrompts ? conversation.Text : null);
        await using Answering answer = conversation.Start(0, exchange.Stop);
        var writing = new MessageWriting(ChatCompletions.NewId("msg_"), lease.Name, answer);
        try
        {
            if (streams)
                await StreamAsync(exchange, answer, writing).ConfigureAwait(false);
            else
                await WholeAsync(exchange, answer, writing).ConfigureAwait(false);
            exchange.Facts.Finish = writing.Reason;
        }
        finally
        {
            exchange.Facts.Count(answer.Generation);
        }
    }

    private static async Task WholeAsync(Exchange exchange, Answering answer, MessageWriting writing)
    {
        ChatAnswer whole = await ChatAnswer.ReadAsync(answer, exchange.Stop).ConfigureAwait(false);
        await exchange.WriteAsync(json => writing.Whole(json, whole)).ConfigureAwait(false);
    }

    private static async Task StreamAsync(Exchange exchange, Answering answer, MessageWriting writing)
    {
        await using EventStream events = exchange.Events();
        await events.SendAsync(writing.Start, "message_start").ConfigureAwait(false);
        await events.SendAsync(static json => MessageWriting.Bare(json, "ping"), "ping").ConfigureAwait(false);
        var blocks = new MessageBlocks(events);
        await foreach (AnswerPiece piece in answer.ReadAsync(exchange.Stop).ConfigureAwait(false))
        {
            foreach (ReplyPart part in piece.Parts)
                await blocks.TakeAsync(part).ConfigureAwait(false);
        }

        await blocks.EndAsync().ConfigureAwait(false);
        await events.SendAsync(writing.End, "message_delta").ConfigureAwait(false);
        await events.SendAsync(static json => MessageWriting.Bare(json, "message_stop"), "message_stop").ConfigureAwait(false);
    }
}
