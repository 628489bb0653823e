using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Thimble.Library;
using Thimble.Models.Files;
using Thimble.Server.Http;

namespace Thimble.Server.Ollama;

/// <summary><c>POST /api/show</c>: what a model holds and how it wants to be used. It is not opened for that.</summary>
internal static class Show
{
    [ModuleInitializer]
    internal static void Register() => Routes.Add(new("POST", "/api/show", OllamaDialect.Dialect, AnswerAsync));

    private static Task AnswerAsync(Exchange exchange)
    {
        ModelSource source = Shelf.Host(exchange).Find(Shelf.Plain(Asked.Model(exchange)));
        using ModelFile file = source.OpenFile();
        var summary = ModelSummary.Of(file);
        bool verbose = exchange.Body["verbose"].Flag() ?? false;
        return exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("license", source.Manifest?.License ?? file.Metadata.FindText("general.license") ?? "");
            json.WriteString("modelfile", Modelfile(source));
            json.WriteString("parameters", Parameters(source));
            json.WriteString("template", source.Manifest?.Template ?? file.Metadata.FindText("tokenizer.chat_template") ?? "");
            json.WriteString("system", source.Manifest?.System ?? "");
            Listing.Details(json, summary);
            json.WriteStartObject("model_info");
            json.WriteNumber("general.parameter_count", summary.Parameters);
            foreach (string key in file.Metadata.Keys.Where(key => key != "general.parameter_count"))
                Metadata(json, key, file.Metadata, verbose);
            json.WriteEndObject();
            json.WriteStartArray("capabilities");
            foreach (string capability in Capabilities(source, file, Shelf.Host(exchange).Sees(source.Name)))
                json.WriteStringValue(capability);
            json.WriteEndArray();
            json.WriteString("modified_at", Listing.Time(source.Manifest?.Created ?? exchange.Serving.Started));
            json.WriteEndObject();
        });
    }

    private static IEnumerable<string> Capabilities(ModelSource source, ModelFile file, bool sees)
    {
        string? template = source.Manifest?.Template ?? file.Metadata.FindText("tokenizer.chat_template");
        bool embeds = file.Metadata.FindInteger($"{file.Architecture}.pooling_type") is > 0;
        yield return embeds ? "embedding" : "completion";
        if (sees)
            yield return "vision";
        if (template?.Contains("tools", StringComparison.OrdinalIgnoreCase) == true)
            yield return "tools";
        if (template?.Contains("think", StringComparison.OrdinalIgnoreCase) == true)
            yield return "thinking";
    }

    private static void Metadata(Utf8JsonWriter json, string key, Metadata metadata, bool verbose)
    {
        if (!metadata.TryGet(key, out object? value))
            return;

        switch (value)
        {
            case string text:
                json.WriteString(key, text);
                break;
            case bool flag:
                json.WriteBoolean(key, flag);
                break;
            case long whole:
                json.WriteNumber(key, whole);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(key, number);
                break;
            case MetadataArray when !verbose:
                json.WriteNull(key);
                break;
            default:
                json.WriteString(key, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static string Parameters(ModelSource source)
    {
        var text = new StringBuilder();
        foreach ((string name, JsonElement value) in source.Manifest?.Parameters ?? new Dictionary<string, JsonElement>())
        {
            foreach (JsonElement one in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value])
                text.Append(CultureInfo.InvariantCulture, $"{name,-30} {one.GetRawText()}\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string Modelfile(ModelSource source)
    {
        const string Quotes = "\"\"\"";
        var text = new StringBuilder($"FROM {source.Name}\n");
        if (source.Manifest?.Template is { } template)
            text.Append(CultureInfo.InvariantCulture, $"TEMPLATE {Quotes}{template}{Quotes}\n");
        if (source.Manifest?.System is { } system)
            text.Append(CultureInfo.InvariantCulture, $"SYSTEM {Quotes}{system}{Quotes}\n");
        foreach (string line in Parameters(source).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            text.Append(CultureInfo.InvariantCulture, $"PARAMETER {line}\n");
        return text.ToString();
    }
}
