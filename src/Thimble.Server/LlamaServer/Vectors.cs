using System.Runtime.CompilerServices;
using Thimble.Library;
using Thimble.Server.Chat;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.LlamaServer;

/// <summary><c>POST /embedding</c>, <c>/rerank</c> and their other names: vectors, and scores of documents for a query.</summary>
internal static class Vectors
{
    private const int MostDocuments = 2048;

    [ModuleInitializer]
    internal static void Register()
    {
        foreach (string path in (string[])["/embedding", "/embeddings"])
            Routes.AddPost(path, OpenAiDialect.Dialect, EmbedAsync);
        foreach (string path in (string[])["/rerank", "/reranking", "/v1/rerank", "/v1/reranking"])
            Routes.AddPost(path, OpenAiDialect.Dialect, RerankAsync);
    }

    private static async Task EmbedAsync(Exchange exchange)
    {
        Field body = exchange.Body;
        using ModelLease lease = await exchange.RentAsync(body["model"]).ConfigureAwait(false);
        IReadOnlyList<int[]> texts = RawPrompt.Read(body.First("content", "input", "prompt"), lease.Model, exchange.Serving.Options, special: false);
        float[][] vectors = await Embeddings.ComputeAsync(exchange, lease, texts, null).ConfigureAwait(false);
        await exchange.WriteAsync(json =>
        {
            json.WriteStartArray();
            for (int i = 0; i < vectors.Length; i++)
            {
                json.WriteStartObject();
                json.WriteNumber("index", i);
                json.WriteStartArray("embedding");   // a list of vectors: one, since they are pooled
                Embeddings.Numbers(json, vectors[i]);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }).ConfigureAwait(false);
    }

    private static async Task RerankAsync(Exchange exchange)
    {
        Field body = exchange.Body;
        string query = body["query"].NeededText();
        IReadOnlyList<Field> given = body.First("documents", "texts").Items(MostDocuments);
        if (given.Count == 0)
            throw body["documents"].Missing("a list of at least one text");
        string[] documents = [.. given.Select(document => document.IsObject ? document["text"].NeededText() : document.NeededText())];
        int top = Math.Min(body["top_n"].Count(1) ?? documents.Length, documents.Length);
        bool returns = body["return_documents"].Flag() ?? body["return_text"].Flag() ?? false;
        using ModelLease lease = await exchange.RentAsync(body["model"]).ConfigureAwait(false);
        exchange.Facts.Begin("rerank", lease.Name, null);
        float[] scores;
        try
        {
            scores = await lease.Model.RerankAsync(query, documents, exchange.Stop).ConfigureAwait(false);
        }
        catch (CapacityException fault)
        {
            throw new Rejection(400, Rejection.Invalid, fault.Message) { Field = "documents", Code = "context_length_exceeded", Room = (fault.Needed, fault.Available) };
        }

        exchange.Facts.PromptTokens = documents.Sum(document => lease.Model.Tokenizer.Encode(document).Length) + ((long)documents.Length * lease.Model.Tokenizer.Encode(query).Length);
        int[] order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).Take(top)];
        await exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("model", lease.Name);
            json.WriteString("object", "list");
            json.WriteStartObject("usage");
            json.WriteNumber("prompt_tokens", exchange.Facts.PromptTokens);
            json.WriteNumber("total_tokens", exchange.Facts.PromptTokens);
            json.WriteEndObject();
            json.WriteStartArray("results");
            foreach (int i in order)
            {
                json.WriteStartObject();
                json.WriteNumber("index", i);
                json.WriteNumber("relevance_score", scores[i]);
                if (returns)
                {
                    json.WriteStartObject("document");
                    json.WriteString("text", documents[i]);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
