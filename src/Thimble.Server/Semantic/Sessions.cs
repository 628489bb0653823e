using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Thimble.Library;
using Thimble.Scheduling;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.Semantic;

/// <summary><c>POST /v1/sessions</c>, <c>GET</c> and <c>DELETE /v1/sessions/{id}</c>: tasks of many calls.</summary>
internal static class Sessions
{
    [ModuleInitializer]
    internal static void Register()
    {
        Routes.AddPost("/v1/sessions", OpenAiDialect.Dialect, OpenAsync);
        Routes.AddGet("/v1/sessions/{id}", OpenAiDialect.Dialect, ShowAsync);
        Routes.Add(new(HttpMethods.Delete, "/v1/sessions/{id}", OpenAiDialect.Dialect, CloseAsync));
    }

    /// <summary>A session of the key that asks.</summary>
    /// <exception cref="Rejection">There is none of that id.</exception>
    public static (SemanticSession Session, ModelLease Lease, Parrot Parrot) Find(Exchange exchange, string id, string field) =>
        exchange.Serving.Rooms.Find(id, exchange.Tenant) ?? throw new Rejection(StatusCodes.Status404NotFound, Rejection.Missing,
            $"There is no session '{id}': it was closed, not used for {exchange.Serving.Rooms.Options.SessionLife.TotalMinutes} minutes, or is another key's. Open one with POST /v1/sessions.")
        {
            Field = field,
            Code = "session_not_found",
        };

    /// <summary>What a service that is full tells a client.</summary>
    public static Rejection Full(CapacityException full) =>
        new(StatusCodes.Status429TooManyRequests, Rejection.Rate, full.Message) { Code = "too_many_semantic_calls", RetryAfter = TimeSpan.FromSeconds(2) };

    private static async Task OpenAsync(Exchange exchange)
    {
        ModelLease lease = await exchange.RentAsync(exchange.Body["model"]).ConfigureAwait(false);
        SemanticSession session;
        try
        {
            session = exchange.Serving.Rooms.Open(lease, exchange.Tenant);
        }
        catch (CapacityException full)
        {
            throw Full(full);
        }

        await WriteAsync(exchange, session, lease).ConfigureAwait(false);
    }

    private static Task ShowAsync(Exchange exchange)
    {
        (SemanticSession session, ModelLease lease, _) = Find(exchange, exchange.Part("id"), "id");
        return WriteAsync(exchange, session, lease);
    }

    private static Task CloseAsync(Exchange exchange)
    {
        string id = exchange.Part("id");
        Find(exchange, id, "id").Session.Dispose();
        return exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("object", "session");
            json.WriteBoolean("deleted", true);
            json.WriteEndObject();
        });
    }

    private static Task WriteAsync(Exchange exchange, SemanticSession session, ModelLease lease)
    {
        (int calls, SemanticVariable[] variables) = session.Look();
        return exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("id", session.Id);
            json.WriteString("object", "session");
            json.WriteString("model", lease.Name);
            json.WriteNumber("expires_after", exchange.Serving.Rooms.Options.SessionLife.TotalSeconds);
            json.WriteNumber("calls", calls);
            json.WriteStartArray("variables");
            foreach (SemanticVariable variable in variables)
                Variables.Write(json, variable, value: false);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}
