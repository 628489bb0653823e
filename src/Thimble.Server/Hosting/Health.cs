using System.Runtime.CompilerServices;
using System.Text.Json;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.Hosting;

/// <summary><c>GET /health</c> and <c>/ready</c>: whether the server lives, and whether it takes requests. Open to all, and telling no more than that.</summary>
internal static class Health
{
    [ModuleInitializer]
    internal static void Register()
    {
        Routes.Add(new("GET", "/health", OpenAiDialect.Dialect, HealthAsync) { IsOpen = true });
        Routes.Add(new("GET", "/v1/health", OpenAiDialect.Dialect, HealthAsync) { IsOpen = true });
        Routes.Add(new("GET", "/ready", OpenAiDialect.Dialect, ReadyAsync) { IsOpen = true });
    }

    /// <summary>As llama-server says it: 503 while the model is opened.</summary>
    private static Task HealthAsync(Exchange exchange) => exchange.Serving.Options.OpenAtStart && !exchange.Serving.IsOpen
        ? UnavailableAsync(exchange, "Loading model")
        : exchange.WriteAsync(static json => Say(json, "ok"));

    private static Task ReadyAsync(Exchange exchange) => exchange.Serving.IsDraining ? UnavailableAsync(exchange, "Stopping") : HealthAsync(exchange);

    private static Task UnavailableAsync(Exchange exchange, string why) => exchange.WriteAsync(
        json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("error");
            json.WriteNumber("code", 503);
            json.WriteString("message", why);
            json.WriteString("type", "unavailable_error");
            json.WriteEndObject();
            json.WriteEndObject();
        },
        503);

    private static void Say(Utf8JsonWriter json, string status)
    {
        json.WriteStartObject();
        json.WriteString("status", status);
        json.WriteEndObject();
    }
}
