using Microsoft.Extensions.AI;
using Thimble.Compute.Kernels;
using Thimble.Compute.Simd;
using Thimble.Scheduling;

namespace Thimble;

/// <summary>A model as Microsoft.Extensions.AI sees embedding models: a text's token vectors pooled as the file says, of length 1.</summary>
internal sealed class EmbeddingGenerator(Model model) : IEmbeddingGenerator<string, Embedding<float>>
{
    private const int Mean = 1, First = 2;   // as GGUF numbers poolings; 3 is the last token

    private readonly EmbeddingGeneratorMetadata _metadata = new("thimble", null, model.Name, model.Width);

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (options?.Dimensions is { } dimensions && dimensions != model.Width)
            throw new NotSupportedException($"{dimensions} dimensions are asked for; '{model.Name}' gives {model.Width}.");

        return Task.Run(() =>
        {
            GeneratedEmbeddings<Embedding<float>> all = [];
            long tokens = 0;
            foreach (string text in values)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int[] ids = model.Tokenizer.Encode(text);
                tokens += ids.Length;
                all.Add(new(Embed(ids)) { ModelId = model.Name });
            }

            all.Usage = new() { InputTokenCount = tokens, TotalTokenCount = tokens };
            return all;
        }, cancellationToken);
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

    private float[] Embed(int[] tokens)
    {
        if (tokens.Length == 0)
            throw new ArgumentException("An empty text has no tokens and so no embedding.", nameof(tokens));
        if (tokens.Length > model.ContextLength)
        {
            throw new CapacityException(
                $"The text has {tokens.Length} tokens; the context holds {model.ContextLength}. Shorten the text.", tokens.Length, model.ContextLength);
        }

        int pooling = model.File.FindInt("pooling_type") ?? Mean;
        float[] sum = new float[model.Width];
        using Sequence sequence = model.CreateSequence();
        sequence.Append(tokens);
        int seen = 0;
        model.Engine.Embed(sequence, pooling is Mean or First ? tokens.Length : 1, vectors =>
        {
            for (int row = 0; row < vectors.Matrix.Rows; row++)
            {
                if (pooling != First || seen++ == 0)
                    Lanes.Best(new AddScaled(vectors.Matrix[row], 1, sum));
            }
        });

        float squares = 0;
        foreach (float value in sum)
            squares += value * value;
        if (squares > 0)
            Lanes.Best(new Scaled(sum, 1 / MathF.Sqrt(squares), sum));
        return sum;
    }
}
