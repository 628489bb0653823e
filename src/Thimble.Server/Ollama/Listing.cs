using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Thimble.Library;
using Thimble.Models.Files;
using Thimble.Server.Http;

namespace Thimble.Server.Ollama;

/// <summary><c>GET /api/tags</c>, <c>/api/ps</c> and <c>/api/version</c>: the models there are, those that are open, and who answers.</summary>
internal static class Listing
{
    private static readonly DateTimeOffset s_never = new(2999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [ModuleInitializer]
    internal static void Register()
    {
        Routes.AddGet("/api/tags", OllamaDialect.Dialect, TagsAsync);
        Routes.AddGet("/api/ps", OllamaDialect.Dialect, OpenAsync);
        Routes.AddGet("/api/version", OllamaDialect.Dialect, exchange => exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("version", typeof(Listing).Assembly.GetName().Version!.ToString(3));
            json.WriteEndObject();
        }));
    }

    /// <summary>What is said of a model wherever it is listed.</summary>
    public static void Details(Utf8JsonWriter json, ModelSummary? summary)
    {
        json.WriteStartObject("details");
        json.WriteString("parent_model", "");
        json.WriteString("format", "gguf");
        json.WriteString("family", summary?.Architecture ?? "");
        json.WriteStartArray("families");
        if (summary?.Architecture is { } family)
            json.WriteStringValue(family);
        json.WriteEndArray();
        json.WriteString("parameter_size", Count(summary?.Parameters ?? 0));
        json.WriteString("quantization_level", summary?.Format ?? "");
        json.WriteEndObject();
    }

    /// <summary>A time in Ollama's form.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static Task TagsAsync(Exchange exchange) => exchange.WriteAsync(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("models");
        bool isListed = false;
        foreach (ModelEntry entry in Shelf.Host(exchange).List())
        {
            isListed |= entry.Name.Equals(exchange.Serving.DefaultModel, StringComparison.OrdinalIgnoreCase);
            Tag(json, entry.Name, entry.Modified, entry.Bytes, $"{entry.Path}|{entry.Bytes}|{entry.Modified.UtcTicks}", Summary(entry.Path));
        }

        if (!isListed)
            DefaultTag(json, exchange);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>The model that is served though it is not in the folder: inside the program, or a file elsewhere.</summary>
    private static void DefaultTag(Utf8JsonWriter json, Exchange exchange)
    {
        string name = exchange.Serving.DefaultModel;
        LoadedModel? open = Shelf.Host(exchange).Loaded().FirstOrDefault(model => model.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        Tag(json, name, exchange.Serving.Started, open?.Summary?.Bytes ?? 0, open?.Path ?? name, open?.Summary);
    }

    private static void Tag(Utf8JsonWriter json, string name, DateTimeOffset modified, long bytes, string identity, ModelSummary? summary)
    {
        json.WriteStartObject();
        Names(json, name);
        json.WriteString("modified_at", Time(modified));
        json.WriteNumber("size", bytes);
        json.WriteString("digest", Digest(identity));
        Details(json, summary);
        json.WriteEndObject();
    }

    private static Task OpenAsync(Exchange exchange) => exchange.WriteAsync(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("models");
        foreach (LoadedModel model in Shelf.Host(exchange).Loaded())
        {
            json.WriteStartObject();
            Names(json, model.Name);
            json.WriteNumber("size", model.Bytes);
            json.WriteString("digest", Digest(model.Path ?? ""));
            Details(json, model.Summary);
            // In use counts as until now: nobody can say how long.
            json.WriteString("expires_at", Time(model.Expires ?? (model.Requests > 0 ? exchange.Serving.Time.GetUtcNow() : s_never)));
            json.WriteNumber("size_vram", 0);
            json.WriteNumber("context_length", model.ContextLength);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Names(Utf8JsonWriter json, string name)
    {
        json.WriteString("name", Shelf.Tagged(name));
        json.WriteString("model", Shelf.Tagged(name));
    }

    /// <summary>What a file's header says; null for one that cannot be read, which must not hide the others.</summary>
    private static ModelSummary? Summary(string path)
    {
        try
        {
            using var file = ModelFile.Open(path);
            return ModelSummary.Of(file);
        }
        catch (Exception fault) when (fault is InvalidDataException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Count(long values) => values switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{values / 1e9:0.0}B"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{values / 1e6:0.0}M"),
        _ => values.ToString(CultureInfo.InvariantCulture),
    };
}
