using System.Text.Json;
using Thimble.Server.Http;

namespace Thimble.Server.Ollama;

/// <summary>How Ollama's API writes errors: <c>{"error": "…"}</c>.</summary>
internal static class OllamaDialect
{
    public static Dialect Dialect { get; } = new("ollama", Write);

    private static void Write(Utf8JsonWriter json, Rejection rejection)
    {
        json.WriteStartObject();
        json.WriteString("error", rejection.Message);
        json.WriteEndObject();
    }
}
