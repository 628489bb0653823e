using Microsoft.Extensions.AI;
using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;

namespace Thimble;

/// <summary>A model as Microsoft.Extensions.AI sees embedding models: a text's token vectors pooled as the file says, of length 1.</summary>
internal sealed class EmbeddingGenerator(Model model) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new("thimble", null, model.Name, model.Embedder.Outputs);

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (model.Embedder.Ranks)
            throw new NotSupportedException($"'{model.Name}' scores documents and gives no vectors; use RerankAsync.");
        if (options?.Dimensions is { } dimensions && dimensions != model.Embedder.Outputs)
            throw new NotSupportedException($"{dimensions} dimensions are asked for; '{model.Name}' gives {model.Embedder.Outputs}.");

        return Task.Run(() => Generate([.. values.Select(Tokens)], cancellationToken), cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(model) ? model
            : null;
    }

    public void Dispose()
    {
        // The model is its opener's.
    }

    private int[] Tokens(string text)
    {
        int[] tokens = model.Tokenizer.Encode(text);
        return tokens.Length > 0 ? tokens : throw new ArgumentException("An empty text has no tokens and so no embedding.", nameof(text));
    }

    private GeneratedEmbeddings<Embedding<float>> Generate(int[][] texts, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> all = [];
        foreach (float[] vector in model.Embedder.Vectors(texts, cancellationToken))
        {
            Lanes.Best(new UnitLength(vector, 1, float.Epsilon, vector));
            all.Add(new(vector) { ModelId = model.Name });
        }

        long tokens = texts.Sum(text => (long)text.Length);
        all.Usage = new() { InputTokenCount = tokens, TotalTokenCount = tokens };
        return all;
    }
}
