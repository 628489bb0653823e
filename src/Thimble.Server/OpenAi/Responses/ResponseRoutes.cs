using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Thimble.Library;
using Thimble.Models.Chat;
using Thimble.Server.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary><c>/v1/responses</c>: answers that later ones may go on from.</summary>
internal static class ResponseRoutes
{
    [ModuleInitializer]
    internal static void Register()
    {
        Routes.AddPost("/v1/responses", OpenAiDialect.Dialect, AnswerAsync);
        Routes.AddGet("/v1/responses/{id}", OpenAiDialect.Dialect, ShowAsync);
        Routes.Add(new("DELETE", "/v1/responses/{id}", OpenAiDialect.Dialect, RemoveAsync));
    }

    private static async Task AnswerAsync(Exchange exchange)
    {
        Field body = exchange.Body;
        IReadOnlyList<ChatTurn> earlier = body["previous_response_id"].Text() is { } previous ? Find(exchange, previous, "previous_response_id").Turns : [];
        ChatAsk ask = ResponseReading.Read(exchange, earlier);
        bool streams = body["stream"].Flag() ?? false;
        using ModelLease lease = await exchange.RentAsync(body["model"]).ConfigureAwait(false);
        ask = ask with { Options = ask.Options with { Adapters = exchange.Serving.Adapters.For(lease, body) } };
        Conversation conversation = await Conversation.OfAsync(lease.Model, ask, exchange, "input").ConfigureAwait(false);
        exchange.Facts.Begin("chat", lease.Name, exchange.Serving.Options.LogPrompts ? conversation.Text : null);
        await using Answering answer = conversation.Start(0, exchange.Stop);
        var writing = new ResponseWriting(exchange, lease.Name, answer);
        try
        {
            await using EventStream? stream = streams ? exchange.Events() : null;
            var events = new ResponseEvents(stream, writing);
            await events.WholeAsync("response.created", "in_progress").ConfigureAwait(false);
            await events.WholeAsync("response.in_progress", "in_progress").ConfigureAwait(false);
            await foreach (AnswerPiece piece in answer.ReadAsync(exchange.Stop).ConfigureAwait(false))
            {
                foreach (ReplyPart part in piece.Parts)
                    await events.TakeAsync(part).ConfigureAwait(false);
            }

            await events.EndAsync().ConfigureAwait(false);
            string status = exchange.Facts.Finish = writing.IsIncomplete ? "incomplete" : "completed";
            Keep(exchange, ask, writing, status);
            await events.WholeAsync($"response.{status}", status).ConfigureAwait(false);
            if (!streams)
                await exchange.WriteAsync(json => writing.Write(json, status)).ConfigureAwait(false);
        }
        finally
        {
            exchange.Facts.Count(answer.Generation);
        }
    }

    private static void Keep(Exchange exchange, ChatAsk ask, ResponseWriting writing, string status)
    {
        if (exchange.Body["store"].Flag() == false)
            return;
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Exchange.Written))
            writing.Write(json, status);
        // Instructions hold for one response only; the next one brings its own.
        IEnumerable<ChatTurn> turns = exchange.Body["instructions"].Text() is { Length: > 0 } ? ask.Turns.Skip(1) : ask.Turns;
        exchange.Serving.Responses.Add(new(writing.Id, exchange.Tenant.Name, [.. turns, writing.Turn], bytes.WrittenSpan.ToArray()));
    }

    private static async Task ShowAsync(Exchange exchange)
    {
        StoredResponse stored = Find(exchange, exchange.Part("id"), "id");
        exchange.Context.Response.ContentType = "application/json; charset=utf-8";
        await exchange.Context.Response.Body.WriteAsync(stored.Json, exchange.Stop).ConfigureAwait(false);
    }

    private static Task RemoveAsync(Exchange exchange)
    {
        string id = exchange.Part("id");
        if (!exchange.Serving.Responses.Remove(id, exchange.Tenant.Name))
            throw Missing(id, "id");
        return exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("object", "response");
            json.WriteBoolean("deleted", true);
            json.WriteEndObject();
        });
    }

    private static StoredResponse Find(Exchange exchange, string id, string field) =>
        exchange.Serving.Responses.Find(id, exchange.Tenant.Name) ?? throw Missing(id, field);

    private static Rejection Missing(string id, string field) => new(
        field == "id" ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest, Rejection.Invalid,
        $"There is no response '{id}': it was not stored, or so long ago that it was given up. Send the whole conversation as 'input'.")
    {
        Field = field,
        Code = "previous_response_not_found",
    };
}
