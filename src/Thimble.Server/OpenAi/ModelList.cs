using System.Runtime.CompilerServices;
using System.Text.Json;
using Thimble.Library;
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
        Dictionary<string, LoadedModel> open = Open(exchange);
        foreach (string name in Names(exchange))
            Write(json, name, exchange, open);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static Task ShowAsync(Exchange exchange)
    {
        string asked = exchange.Part("name");
        string name = Names(exchange).FirstOrDefault(name => name.Equals(asked, StringComparison.OrdinalIgnoreCase))
            ?? throw Rejection.NoModel($"There is no model '{asked}'; known: {string.Join(", ", Names(exchange))}.");
        return exchange.WriteAsync(json => Write(json, name, exchange, Open(exchange)));
    }

    /// <summary>The default model first: clients that take the first one get it.</summary>
    private static string[] Names(Exchange exchange) =>
        [.. exchange.Serving.Models.List().Select(model => model.Name).Prepend(exchange.Serving.DefaultModel).Distinct(StringComparer.OrdinalIgnoreCase)];

    private static Dictionary<string, LoadedModel> Open(Exchange exchange) =>
        exchange.Serving.Models.Loaded().Where(model => model.IsOpen).GroupBy(model => model.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(group => group.Key, group => group.First(), StringComparer.OrdinalIgnoreCase);

    private static void Write(Utf8JsonWriter json, string name, Exchange exchange, Dictionary<string, LoadedModel> open)
    {
        json.WriteStartObject();
        json.WriteString("id", name);
        json.WriteString("object", "model");
        json.WriteNumber("created", exchange.Serving.Started.ToUnixTimeSeconds());
        json.WriteString("owned_by", "thimble");
        json.WriteStartObject("meta");
        json.WriteBoolean("vision", exchange.Serving.Models.Sees(name));
        json.WriteBoolean("removable", !name.Equals(exchange.Serving.DefaultModel, StringComparison.OrdinalIgnoreCase));
        if (open.TryGetValue(name, out LoadedModel? model))
        {
            json.WriteNumber("n_ctx", model.ContextLength);
            json.WriteNumber("n_params", model.Summary?.Parameters ?? 0);
            json.WriteNumber("size", model.Summary?.Bytes ?? 0);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
