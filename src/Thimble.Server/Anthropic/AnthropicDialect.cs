using System.Text.Json;
using Thimble.Server.Http;

namespace Thimble.Server.Anthropic;

/// <summary>How Anthropic's API writes errors: <c>{"type": "error", "error": {"type", "message"}}</c>, in streams as an event of that name.</summary>
internal static class AnthropicDialect
{
    public static Dialect Dialect { get; } = new("anthropic", Write) { ErrorEvent = "error" };

    private static void Write(Utf8JsonWriter json, Rejection rejection)
    {
        json.WriteStartObject();
        json.WriteString("type", "error");
        json.WriteStartObject("error");
        json.WriteString("type", rejection.Status == 413 ? "request_too_large" : rejection.Kind);
        json.WriteString("message", rejection.Message);
        if (rejection.Field is { } field)
            json.WriteString("param", field);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
