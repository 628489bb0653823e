using System.Text.Json;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary>How OpenAI's API writes errors: <c>{"error": {"message", "type", "param", "code"}}</c>.</summary>
internal static class OpenAiDialect
{
    public static Dialect Dialect { get; } = new("openai", Write);

    private static void Write(Utf8JsonWriter json, Rejection rejection)
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", rejection.Message);
        json.WriteString("type", rejection.Kind);
        json.WriteString("param", rejection.Field);
        json.WriteString("code", rejection.Code);
        if (rejection.Room is { } room)
        {
            // llama-server's names, which its clients read.
            json.WriteNumber("n_prompt_tokens", room.Needed);
            json.WriteNumber("n_ctx", room.Available);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
