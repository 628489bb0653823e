using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Thimble.Scheduling;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.Semantic;

/// <summary><c>GET /v1/semantic-variables/{id}</c> asks for a value and waits for it, <c>POST</c> gives one; without an id <c>POST</c> makes a variable.</summary>
internal static class Variables
{
    [ModuleInitializer]
    internal static void Register()
    {
        Routes.Add(new(HttpMethods.Get, "/v1/semantic-variables/{id}", OpenAiDialect.Dialect, GetAsync) { Computes = true });
        Routes.Add(new(HttpMethods.Post, "/v1/semantic-variables/{id}", OpenAiDialect.Dialect, SetAsync));
        Routes.Add(new(HttpMethods.Post, "/v1/semantic-variables", OpenAiDialect.Dialect, MakeAsync));
    }

    /// <summary>Writes a variable as it is now.</summary>
    /// <param name="json">Where.</param>
    /// <param name="variable">The variable.</param>
    /// <param name="value">Whether with its value.</param>
    /// <param name="label">The client's own name for it; null for none.</param>
    public static void Write(Utf8JsonWriter json, SemanticVariable variable, bool value = true, string? label = null)
    {
        var now = SemanticVariableAnswer.Of(variable);
        json.WriteStartObject();
        json.WriteString("id", now.Id);
        json.WriteString("object", "semantic_variable");
        json.WriteString("session", variable.Session.Id);
        json.WriteString("name", now.Name);
        if (label is not null)
            json.WriteString("label", label);
        json.WriteString("state", now.State);
        if (value)
            json.WriteString("value", now.Value);
        json.WriteString("error", now.Error);
        json.WriteEndObject();
    }

    private static async Task GetAsync(Exchange exchange)
    {
        SemanticVariable variable = Find(exchange);
        if (Criterion(exchange) is { } criterion)
            await WaitAsync(exchange, variable, criterion).ConfigureAwait(false);
        await exchange.WriteAsync(json => Write(json, variable)).ConfigureAwait(false);
    }

    /// <summary>Waits for a value, no longer than the client wants to.</summary>
    private static async Task WaitAsync(Exchange exchange, SemanticVariable variable, SemanticCriterion criterion)
    {
        using var enough = new CancellationTokenSource(Patience(exchange), exchange.Serving.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(exchange.Stop, enough.Token);
        try
        {
            await variable.GetAsync(criterion, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested && !exchange.Stop.IsCancellationRequested)
        {
            // not there yet, as the answer says
        }
        catch (InvalidOperationException closed) when ((closed as ObjectDisposedException ?? closed.InnerException) is ObjectDisposedException)
        {
            throw new Rejection(StatusCodes.Status410Gone, Rejection.Missing, Rejection.Line(closed)) { Field = "id", Code = "session_closed" };
        }
        catch (InvalidOperationException failed)
        {
            throw new Rejection(StatusCodes.Status424FailedDependency, Rejection.Invalid, Rejection.Line(failed)) { Field = "id", Code = "semantic_call_failed" };
        }
    }

    private static Task SetAsync(Exchange exchange)
    {
        SemanticVariable variable = Find(exchange);
        Give(variable, exchange.Body["value"].NeededText());
        return exchange.WriteAsync(json => Write(json, variable));
    }

    private static Task MakeAsync(Exchange exchange)
    {
        Field body = exchange.Body;
        SemanticSession session = Sessions.Find(exchange, body.First("session", "session_id").NeededText(), "session").Session;
        SemanticVariable variable;
        try
        {
            variable = session.Variable(body["name"].NeededText());
        }
        catch (CapacityException full)
        {
            throw Sessions.Full(full);
        }

        if (body["value"].Text() is { } value)
            Give(variable, value);
        return exchange.WriteAsync(json => Write(json, variable));
    }

    private static void Give(SemanticVariable variable, string value)
    {
        try
        {
            variable.Set(value);
        }
        catch (CapacityException full)
        {
            throw Sessions.Full(full);
        }
        catch (InvalidOperationException settled) when (settled is not ObjectDisposedException)
        {
            throw new Rejection(StatusCodes.Status409Conflict, Rejection.Invalid, Rejection.Line(settled)) { Field = "value", Code = "variable_settled" };
        }
    }

    private static SemanticVariable Find(Exchange exchange) =>
        exchange.Serving.Rooms.FindVariable(exchange.Part("id"), exchange.Tenant) ?? throw new Rejection(StatusCodes.Status404NotFound, Rejection.Missing,
            $"There is no variable '{exchange.Part("id")}': its session was closed, or it is another key's.")
        {
            Field = "id",
            Code = "variable_not_found",
        };

    /// <summary>How a value is wanted; null for a look that sets nothing going.</summary>
    private static SemanticCriterion? Criterion(Exchange exchange) => (exchange.Query("criterion") ?? exchange.Query("criteria"))?.ToLowerInvariant() switch
    {
        null => null,
        // A short time to the first token, or to each, is what few calls side by side give.
        "latency" or "ttft" or "tpot" => SemanticCriterion.Latency,
        "throughput" => SemanticCriterion.Throughput,
        var other => throw Rejection.Of("criterion", $"'criterion' is '{other}'; expected one of: latency, throughput, ttft, tpot."),
    };

    private static TimeSpan Patience(Exchange exchange)
    {
        if (exchange.Query("wait") is not { } text)
            return exchange.Serving.Options.RequestTimeout + TimeSpan.FromMinutes(1);
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : throw Rejection.Of("wait", $"'wait' is '{text}'; expected seconds, 0 to 86400.");
    }
}
