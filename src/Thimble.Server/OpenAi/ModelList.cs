using System.Runtime.CompilerServices;
using System.Text.Json;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary><c>GET /v1/models</c>: the models that may be asked for.</summary>
internal static class ModelList
{
    [ModuleInitializer]
    internal static void Register()
    {
        Routes.AddGet("/v1/models", OpenAiDialect.Dialect, ListAsync);
        Routes.AddGet("/models", OpenAiDialect.Dialect, ListAsync);
        Routes.AddGet("/v1/models/{**name}", OpenAiDialect.Dialect, ShowAsync);
    }

    private static Task ListAsync(Exchange exchange) => exchange.WriteAsync(json =>
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (string name in Names(exchange))
            Write(json, name, exchange);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static Task ShowAsync(Exchange exchange)
    {
        string asked = exchange.Part("name");
        string name = Names(exchange).FirstOrDefault(name => name.Equals(asked, StringComparison.OrdinalIgnoreCase))
            ?? throw Rejection.NoModel($"There is no model '{asked}'; known: {string.Join(", ", Names(exchange))}.");
        return exchange.WriteAsync(json => Write(json, name, exchange));
    }

    /// <summary>The default model first: clients that take the first one get it.</summary>
    private static string[] Names(Exchange exchange) =>
        [.. exchange.Serving.Models.List().Select(model => model.Name).Prepend(exchange.Serving.DefaultModel).Distinct(StringComparer.OrdinalIgnoreCase)];

    private static void Write(Utf8JsonWriter json, string name, Exchange exchange)
    {
        json.WriteStartObject();
        json.WriteString("id", name);
        json.WriteString("object", "model");
        json.WriteNumber("created", exchange.Serving.Started.ToUnixTimeSeconds());
        json.WriteString("owned_by", "thimble");
        json.WriteEndObject();
    }
}
