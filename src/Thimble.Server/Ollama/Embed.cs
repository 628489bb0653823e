using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Thimble.Library;
using Thimble.Server.Http;

namespace Thimble.Server.Ollama;

/// <summary><c>POST /api/embed</c>, and <c>/api/embeddings</c>, its older form for one text.</summary>
internal static class Embed
{
    private const int MostTexts = 4096;

    [ModuleInitializer]
    internal static void Register()
    {
        Routes.AddPost("/api/embed", OllamaDialect.Dialect, AnswerAsync);
        Routes.AddPost("/api/embeddings", OllamaDialect.Dialect, AnswerOneAsync);
    }

    private static async Task AnswerAsync(Exchange exchange)
    {
        long start = exchange.Serving.Time.GetTimestamp();
        Field body = exchange.Body;
        IReadOnlyList<string> texts = body["input"].Texts(MostTexts);
        using ModelLease lease = await Asked.RentAsync(exchange).ConfigureAwait(false);
        bool cuts = body["truncate"].Flag() ?? true;
        GeneratedEmbeddings<Embedding<float>> vectors = await VectorsAsync(lease.Model, texts, cuts, body["dimensions"].Count(1), exchange.Stop).ConfigureAwait(false);
        await exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("model", Asked.Model(exchange));
            json.WriteStartArray("embeddings");
            foreach (Embedding<float> vector in vectors)
                Write(json, vector.Vector.Span);
            json.WriteEndArray();
            json.WriteNumber("total_duration", Asked.Nanoseconds(exchange.Serving.Time.GetElapsedTime(start)));
            json.WriteNumber("load_duration", Asked.Nanoseconds(lease.Waited));
            json.WriteNumber("prompt_eval_count", vectors.Usage?.InputTokenCount ?? 0);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static async Task AnswerOneAsync(Exchange exchange)
    {
        string text = exchange.Body["prompt"].NeededText();
        using ModelLease lease = await Asked.RentAsync(exchange).ConfigureAwait(false);
        GeneratedEmbeddings<Embedding<float>> vectors = await VectorsAsync(lease.Model, [text], cuts: true, null, exchange.Stop).ConfigureAwait(false);
        await exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("embedding");
            Write(json, vectors[0].Vector.Span);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static async Task<GeneratedEmbeddings<Embedding<float>>> VectorsAsync(Model model, IReadOnlyList<string> texts, bool cuts, int? dimensions, CancellationToken stop)
    {
        if (texts.Count == 0)
            return [];

        using IEmbeddingGenerator<string, Embedding<float>> generator = model.AsEmbeddingGenerator();
        // Ollama cuts texts that are too long unless told not to.
        IEnumerable<string> fitting = cuts ? texts.Select(text => Cut(model, text)) : texts;
        EmbeddingGenerationOptions? options = dimensions is { } count ? new() { Dimensions = count } : null;
        return await generator.GenerateAsync(fitting, options, stop).ConfigureAwait(false);
    }

    private static string Cut(Model model, string text)
    {
        if (text.Length < model.ContextLength / 2)
            return text;   // no letter takes more than a few tokens

        for (int[] tokens = model.Tokenizer.Encode(text); tokens.Length > model.ContextLength; tokens = model.Tokenizer.Encode(text))
        {
            int excess = tokens.Length - model.ContextLength;
            text = text[..Math.Min(text.Length - 1, (int)((long)text.Length * (tokens.Length - excess) / tokens.Length))];
        }

        return text;
    }

    private static void Write(System.Text.Json.Utf8JsonWriter json, ReadOnlySpan<float> vector)
    {
        json.WriteStartArray();
        foreach (float value in vector)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
