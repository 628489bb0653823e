using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Thimble.Library;

namespace Thimble.Server.Hosting;

/// <summary>The served models as Microsoft.Extensions.AI sees chat models: each is opened when it is asked for.</summary>
/// <param name="models">The models.</param>
/// <param name="name">The model that answers where <see cref="ChatOptions.ModelId"/> names none; null for the default one.</param>
internal sealed class HostedChatClient(ModelHost models, string? name) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("thimble", null, name);
    private readonly ConditionalWeakTable<Model, IChatClient> _clients = [];

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using ModelLease lease = await models.RentAsync(options?.ModelId ?? name, cancellationToken).ConfigureAwait(false);
        return await Client(lease).GetResponseAsync(Told(messages, lease), options, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using ModelLease lease = await models.RentAsync(options?.ModelId ?? name, cancellationToken).ConfigureAwait(false);
        await foreach (ChatResponseUpdate update in Client(lease).GetStreamingResponseAsync(Told(messages, lease), options, cancellationToken).ConfigureAwait(false))
            yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(models) ? models
            : null;
    }

    public void Dispose()
    {
        // The models are the host's.
    }

    private IChatClient Client(ModelLease lease) => _clients.GetValue(lease.Model, static model => model.AsChatClient());

    /// <summary>The messages, and before them what the model is told where they do not begin by telling it.</summary>
    private static IEnumerable<ChatMessage> Told(IEnumerable<ChatMessage> messages, ModelLease lease)
    {
        IList<ChatMessage> all = messages as IList<ChatMessage> ?? [.. messages];
        return lease.System is { } system && (all.Count == 0 || all[0].Role != ChatRole.System) ? all.Prepend(new(ChatRole.System, system)) : all;
    }
}
