using Microsoft.Extensions.AI;
using Thimble.Library;

namespace Thimble.Server.Hosting;

/// <summary>The served models as Microsoft.Extensions.AI sees embedding models: each is opened when it is asked for.</summary>
/// <param name="models">The models.</param>
/// <param name="name">The model that is meant where <see cref="EmbeddingGenerationOptions.ModelId"/> names none; null for the default one.</param>
internal sealed class HostedEmbeddings(ModelHost models, string? name) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new("thimble", null, name);

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        using ModelLease lease = await models.RentAsync(options?.ModelId ?? name, cancellationToken).ConfigureAwait(false);
        using IEmbeddingGenerator<string, Embedding<float>> generator = lease.Model.AsEmbeddingGenerator();
        return await generator.GenerateAsync(values, options, cancellationToken).ConfigureAwait(false);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(models) ? models
            : null;
    }

    public void Dispose()
    {
        // The models are the host's.
    }
}
