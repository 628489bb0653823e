using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Thimble.Library;
using Thimble.Models.Chat;
using Thimble.Server.Chat;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.Ollama;

/// <summary>The fields that Ollama's requests share.</summary>
internal static class Asked
{
    private const int MostStops = 64;
    private const double NanosecondsPerTick = 100;

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789.");

    /// <summary>The model's name: <c>model</c>, or <c>name</c> as older clients call it.</summary>
    public static string Model(Exchange exchange) => exchange.Body.First("model", "name").NeededText() is { Length: > 0 } name
        ? name
        : throw exchange.Body["model"].Missing("a model's name");

    /// <summary>A lease on the model that is asked for.</summary>
    public static async Task<ModelLease> RentAsync(Exchange exchange)
    {
        TimeSpan? keepAlive = KeepAlive(exchange.Body["keep_alive"]);
        try
        {
            ModelLease lease = await Shelf.Host(exchange).RentAsync(Shelf.Plain(Model(exchange)), exchange.Stop).ConfigureAwait(false);
            lease.KeepAlive = keepAlive;
            return lease;
        }
        catch (CapacityException full)
        {
            throw new Rejection(StatusCodes.Status503ServiceUnavailable, Rejection.Overloaded, full.Message) { RetryAfter = TimeSpan.FromSeconds(10) };
        }
    }

    /// <summary>How long a model stays: seconds, or Go's form such as <c>1h30m</c>; below zero for ever.</summary>
    public static TimeSpan? KeepAlive(Field field)
    {
        if (!field.IsGiven)
            return null;
        if (field.IsNumber)
            return Seconds(field.Number() ?? 0);

        string text = field.NeededText();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? Seconds(seconds)
            : Duration(text) ?? throw field.Wrong("seconds, or a time such as 5m, 1h30m or -1");
    }

    /// <summary>Sampling and limits: those of the request before those that belong to the model.</summary>
    public static GenerationOptions Options(Exchange exchange, ModelLease lease)
    {
        using var parameters = JsonDocument.Parse(Text(lease.Parameters));
        Field own = new(parameters.RootElement, "parameters"), options = exchange.Body["options"];
        return exchange.Tenant.Own(new()
        {
            Sampling = SamplingFields.Read(options, SamplingFields.Read(own, new())),
            MaxTokens = ChatReading.Least(Limit(options["num_predict"] is { IsGiven: true } asked ? asked : own["num_predict"]), exchange.Serving.Options.MaxOutputTokens),
            Stop = [.. (options["stop"] is { IsGiven: true } stops ? stops : own["stop"]).Texts(MostStops).Where(stop => stop.Length > 0)],
            Adapters = lease.Adapters,
            Format = Format(exchange.Body["format"]),
            TopLogProbabilities = exchange.Body["logprobs"].Flag() == true ? exchange.Body["top_logprobs"].Count(0, 20) ?? 0 : null,
        });
    }

    /// <summary>What the answer must be: any JSON object, or what a schema says.</summary>
    public static OutputFormat? Format(Field field)
    {
        if (!field.IsGiven || (field.IsText && field.Text() == ""))
            return null;
        try
        {
            return field.IsObject ? OutputFormat.JsonSchema(field.Json) : field.Word("json") is null ? null : OutputFormat.Json;
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw Rejection.Of(field.Path, $"'{field.Path}': {fault.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>The limit that a request sets to prompt and answer together; null where it sets none.</summary>
    public static int? Context(Exchange exchange) => exchange.Body["options"]["num_ctx"].Count(1);

    /// <summary>Whether the model thinks first; <c>low</c>, <c>medium</c> and <c>high</c> say how much.</summary>
    public static (bool? Thinks, IReadOnlyDictionary<string, string> Variables) Thinking(Field field)
    {
        Dictionary<string, string> none = [];
        if (!field.IsGiven || field.IsFlag)
            return (field.Flag(), none);
        string effort = field.Word("low", "medium", "high", "max")!;
        return (true, new Dictionary<string, string> { ["reasoning_effort"] = $"\"{effort}\"" });
    }

    /// <summary>A message with images: they stand before its text, as Ollama puts them.</summary>
    public static IReadOnlyList<ChatPart>? Parts(Field images, string? text)
    {
        IReadOnlyList<Field> all = images.Items(Pictures.Most);
        if (all.Count == 0)
            return null;
        return [.. all.Select(image => Pictures.FromBase64(image, image.NeededText())), new("text", text ?? "")];
    }

    /// <summary>Durations as Ollama writes them.</summary>
    public static long Nanoseconds(TimeSpan time) => (long)(time.Ticks * NanosecondsPerTick);

    private static int? Limit(Field field) => field.Count(-2) is > 0 and var limit ? limit : null;

    private static TimeSpan Seconds(double seconds) => seconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(Math.Min(seconds, 1e9));

    /// <summary>Numbers with units, such as <c>1h30m</c>; null for anything else.</summary>
    private static TimeSpan? Duration(string text)
    {
        bool forEver = text.StartsWith('-');
        double seconds = 0;
        ReadOnlySpan<char> rest = text.AsSpan(forEver ? 1 : 0);
        if (rest.IsEmpty)
            return null;
        while (!rest.IsEmpty)
        {
            int digits = rest.IndexOfAnyExcept(s_digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
                return null;
            rest = rest[digits..];
            int letters = rest.IndexOfAny(s_digits);
            letters = letters < 0 ? rest.Length : letters;
            double unit = rest[..letters] switch { "ns" => 1e-9, "us" or "µs" => 1e-6, "ms" => 1e-3, "s" => 1, "m" => 60, "h" => 3600, _ => double.NaN };
            seconds += number * unit;
            rest = rest[letters..];
        }

        return double.IsNaN(seconds) ? null : Seconds(forEver ? -1 : seconds);
    }

    private static string Text(IReadOnlyDictionary<string, JsonElement> parameters) =>
        $"{{{string.Join(',', parameters.Select(pair => $"\"{JsonEncodedText.Encode(pair.Key)}\":{pair.Value.GetRawText()}"))}}}";
}
