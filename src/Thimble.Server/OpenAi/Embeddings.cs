using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Thimble.Library;
using Thimble.Server.Chat;
using Thimble.Server.Http;

namespace Thimble.Server.OpenAi;

/// <summary><c>POST /v1/embeddings</c>: texts as vectors of length one.</summary>
internal static class Embeddings
{
    [ModuleInitializer]
    internal static void Register() => Routes.AddPost("/v1/embeddings", OpenAiDialect.Dialect, AnswerAsync);

    /// <summary>Texts' vectors, each scaled to length one.</summary>
    /// <exception cref="Rejection">The model gives no vectors, or fewer numbers than asked for.</exception>
    public static async Task<float[][]> ComputeAsync(Exchange exchange, ModelLease lease, IReadOnlyList<int[]> texts, int? dimensions)
    {
        Model model = lease.Model;
        if (model.Embedder.Ranks)
            throw new Rejection(400, Rejection.Invalid, $"'{lease.Name}' scores documents and gives no vectors; ask /v1/rerank.");
        if (dimensions > model.Embedder.Outputs)
            throw Rejection.Of("dimensions", $"'dimensions' is {dimensions}; '{lease.Name}' gives {model.Embedder.Outputs} at most.");
        exchange.Facts.Begin("embeddings", lease.Name, null);
        exchange.Facts.PromptTokens = texts.Sum(text => (long)text.Length);
        float[][] vectors = await Task.Run(() => model.Embedder.Vectors(texts, exchange.Stop), exchange.Stop).ConfigureAwait(false);
        return [.. vectors.Select(vector => Unit(vector, dimensions ?? vector.Length))];
    }

    private static async Task AnswerAsync(Exchange exchange)
    {
        Field body = exchange.Body;
        bool packed = body["encoding_format"].Word("float", "base64") == "base64";
        int? dimensions = body["dimensions"].Count(1);
        using ModelLease lease = await exchange.RentAsync(body["model"]).ConfigureAwait(false);
        IReadOnlyList<int[]> texts = RawPrompt.Read(body["input"], lease.Model, exchange.Serving.Options, special: false);
        float[][] vectors = await ComputeAsync(exchange, lease, texts, dimensions).ConfigureAwait(false);
        await exchange.WriteAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            for (int i = 0; i < vectors.Length; i++)
            {
                json.WriteStartObject();
                json.WriteString("object", "embedding");
                json.WriteNumber("index", i);
                json.WritePropertyName("embedding");
                if (packed)
                    json.WriteBase64StringValue(Bytes(vectors[i]));
                else
                    Numbers(json, vectors[i]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("model", lease.Name);
            json.WriteStartObject("usage");
            json.WriteNumber("prompt_tokens", exchange.Facts.PromptTokens);
            json.WriteNumber("total_tokens", exchange.Facts.PromptTokens);
            json.WriteEndObject();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>Writes a vector as a list.</summary>
    public static void Numbers(System.Text.Json.Utf8JsonWriter json, float[] vector)
    {
        json.WriteStartArray();
        foreach (float number in vector)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    /// <summary>The first numbers of a vector, scaled to length one: models trained for it keep the most telling ones first.</summary>
    private static float[] Unit(float[] vector, int dimensions)
    {
        double sum = 0;
        for (int i = 0; i < dimensions; i++)
            sum += (double)vector[i] * vector[i];
        float scale = sum > 0 ? (float)(1 / Math.Sqrt(sum)) : 0;
        return [.. vector.Take(dimensions).Select(number => number * scale)];
    }

    private static byte[] Bytes(float[] vector)
    {
        byte[] bytes = new byte[vector.Length * sizeof(float)];
        for (int i = 0; i < vector.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        return bytes;
    }
}
