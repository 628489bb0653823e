using System.Globalization;
using Microsoft.AspNetCore.Http;
using Thimble.Server.Access;
using Thimble.Server.Telemetry;

namespace Thimble.Server.Http;

/// <summary>What every request passes: origin, key, rate, body, place, time; and the one place that catches and decides what may be said.</summary>
internal sealed class Gate(Serving serving)
{
    /// <summary>Answers a request.</summary>
    public async Task RunAsync(HttpContext context, Route route)
    {
        long start = serving.Time.GetTimestamp();
        using var exchange = new Exchange(context, serving, route);
        using var timeout = new CancellationTokenSource(serving.Options.RequestTimeout, serving.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, timeout.Token);
        exchange.Stop = stop.Token;
        using System.Diagnostics.Activity? activity = route.Computes ? Meters.Source.StartActivity(route.Pattern, System.Diagnostics.ActivityKind.Server) : null;
        exchange.Activity = activity;
        try
        {
            await AnswerAsync(exchange).ConfigureAwait(false);
            Log(exchange, start);
        }
        catch (Exception fault) when (context.RequestAborted.IsCancellationRequested || fault is OperationCanceledException && !timeout.IsCancellationRequested)
        {
            serving.Log.Abandoned(context.Request.Method, context.Request.Path, Milliseconds(start), exchange.Tenant.Name, exchange.Facts.GeneratedTokens);
            context.Abort();
        }
        catch (OperationCanceledException)
        {
            await RefuseAsync(exchange, new(StatusCodes.Status504GatewayTimeout, Rejection.Overloaded,
                $"The request took longer than {serving.Options.RequestTimeout.TotalSeconds} s, the most this server allows.")
            { Code = "timeout" }).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            var rejection = Rejection.Of(fault);
            if (rejection.Status >= 500 && fault is not Rejection)
                serving.Log.Failed(fault, context.Request.Method, context.Request.Path);
            await RefuseAsync(exchange, rejection).ConfigureAwait(false);
        }
    }

    /// <summary>Answers a browser that asks whether a page may ask.</summary>
    public Task PreflightAsync(HttpContext context)
    {
        try
        {
            Origins.Admit(context, serving.Options, serving.Keys.Count > 0);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (Rejection rejection)
        {
            context.Response.StatusCode = rejection.Status;
        }

        return Task.CompletedTask;
    }

    private async Task AnswerAsync(Exchange exchange)
    {
        HttpContext context = exchange.Context;
        Origins.Admit(context, serving.Options, serving.Keys.Count > 0);
        if (!exchange.Route.IsOpen)
            exchange.Tenant = Recognise(context.Request);
        if (exchange.Route.Administers)
            RequireAdmin(exchange);
        if (exchange.Route.Computes)
        {
            if (serving.IsDraining)
            {
                context.Response.Headers.Connection = "close";
                throw new Rejection(StatusCodes.Status503ServiceUnavailable, Rejection.Overloaded, "The server is stopping; ask another one, or again later.") { RetryAfter = TimeSpan.FromSeconds(5) };
            }

            serving.Admission.Count(exchange.Tenant);
        }

        // Before it takes a place: a slow sender holds up nobody.
        if (HttpMethods.IsPost(exchange.Route.Method) && !exchange.Route.IsRaw)
            await exchange.ReadAsync().ConfigureAwait(false);
        using IDisposable? place = exchange.Route.Computes ? await serving.Admission.EnterAsync(exchange.Tenant, exchange.Stop).ConfigureAwait(false) : null;
        await exchange.Route.AnswerAsync(exchange).ConfigureAwait(false);
    }

    /// <summary>Whose key a request shows: as a bearer, as OpenAI's clients do, or in <c>x-api-key</c>, as Anthropic's do.</summary>
    private Tenant Recognise(HttpRequest request)
    {
        if (serving.Keys.Count == 0)
            return Tenant.Anonymous;

        string? shown = request.Headers.Authorization is [{ } header, ..] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? header["Bearer ".Length..].Trim()
            : request.Headers["x-api-key"] is [{ } key, ..] ? key : null;
        if (string.IsNullOrEmpty(shown))
            throw new Rejection(StatusCodes.Status401Unauthorized, Rejection.Key, "This server asks for a key; none came. Send it as 'Authorization: Bearer KEY'.") { Code = "missing_api_key" };
        return serving.Keys.Find(shown)
            ?? throw new Rejection(StatusCodes.Status401Unauthorized, Rejection.Key, "The key is none of this server's.") { Code = "invalid_api_key" };
    }

    /// <summary>Lets those change the models who may.</summary>
    private void RequireAdmin(Exchange exchange)
    {
        bool hasKeys = serving.Keys.Count > 0;
        if (hasKeys ? exchange.Tenant.IsAdmin : Origins.IsHere(exchange.Context))
            return;
        throw new Rejection(StatusCodes.Status403Forbidden, Rejection.Forbidden, hasKeys
            ? $"The key of '{exchange.Tenant.Name}' may use models, but not pull, make or delete them; 'thimble key NAME --admin' makes one that may, and so may the only key of a server."
            : "Without keys, models are pulled, made and deleted from the server's own machine only; 'thimble key NAME --admin' makes a key that may.")
        { Code = "admin_only" };
    }

    private async Task RefuseAsync(Exchange exchange, Rejection rejection)
    {
        HttpContext context = exchange.Context;
        Dialect dialect = exchange.Route.Dialect;
        int status = dialect.Status(rejection);
        serving.Meters.Rejected(status, rejection.Code ?? rejection.Kind);
        exchange.Activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, rejection.Code);
        serving.Log.Refused(context.Request.Method, context.Request.Path, status, rejection.Message);
        try
        {
            if (context.Response.HasStarted)
            {
                await BreakOffAsync(exchange, rejection).ConfigureAwait(false);
                return;
            }

            context.Response.Headers.ContentType = default;
            if (rejection.RetryAfter is { } wait)
                context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            if (status == StatusCodes.Status401Unauthorized)
                context.Response.Headers.WWWAuthenticate = "Bearer";
            if (status == StatusCodes.Status413PayloadTooLarge)
                context.Response.Headers.Connection = "close";   // nobody reads the rest of it
            await Exchange.WriteAsync(context, json => dialect.Write(json, rejection), status, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    /// <summary>Says within a stream that it ends too soon, then cuts it off: a client must not take it for whole.</summary>
    private static async Task BreakOffAsync(Exchange exchange, Rejection rejection)
    {
        HttpResponse response = exchange.Context.Response;
        if (response.ContentType?.StartsWith("text/event-stream", StringComparison.Ordinal) == true)
        {
            await using var events = new EventStream(response, exchange.Context.RequestAborted, begun: true);
            await events.SendAsync(json => exchange.Route.Dialect.Write(json, rejection), exchange.Route.Dialect.ErrorEvent).ConfigureAwait(false);
        }
        else if (response.ContentType?.StartsWith("application/x-ndjson", StringComparison.Ordinal) == true)
        {
            await using var json = new System.Text.Json.Utf8JsonWriter(response.BodyWriter, Exchange.Written);
            exchange.Route.Dialect.Write(json, rejection);
            await json.FlushAsync(exchange.Context.RequestAborted).ConfigureAwait(false);
            await response.WriteAsync("\n", exchange.Context.RequestAborted).ConfigureAwait(false);
        }
        else
        {
            exchange.Context.Abort();
        }
    }

    private void Log(Exchange exchange, long start)
    {
        RequestFacts facts = exchange.Facts;
        HttpContext context = exchange.Context;
        serving.Meters.Answered(exchange, serving.Time.GetElapsedTime(start));
        serving.Log.Answered(
            context.Request.Method, context.Request.Path, context.Response.StatusCode, Milliseconds(start), exchange.Tenant.Name,
            facts.Model, facts.PromptTokens, facts.CachedTokens, facts.GeneratedTokens);
        if (serving.Options.LogPrompts && facts.Prompt is { } prompt)
            serving.Log.Asked(prompt);
    }

    private double Milliseconds(long start) => serving.Time.GetElapsedTime(start).TotalMilliseconds;
}
