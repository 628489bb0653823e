using System.Text.Json;

namespace Thimble.Library;

/// <summary>The right to use a model of a <see cref="ModelHost"/>: it stays open until the lease is disposed.</summary>
public sealed class ModelLease : IDisposable
{
    private readonly ModelHost _host;
    private readonly HostedModel _hosted;
    private int _returned;

    internal ModelLease(ModelHost host, HostedModel hosted, ModelSource source, TimeSpan waited)
    {
        (_host, _hosted, Name, Waited) = (host, hosted, source.Name, waited);
        Model = hosted.Opening.Task.GetAwaiter().GetResult();
        (System, Adapters) = (source.Manifest?.System, hosted.Adapters);
        Parameters = source.Manifest?.Parameters ?? new Dictionary<string, JsonElement>();
    }

    /// <summary>The name it was asked for by.</summary>
    public string Name { get; }

    /// <summary>The open model; do not dispose it.</summary>
    public Model Model { get; }

    /// <summary>What the model is told where a conversation does not begin by telling it; null for nothing.</summary>
    public string? System { get; }

    /// <summary>Options that the model wants where a request does not say otherwise, by Ollama's names: <c>temperature</c>, <c>stop</c>, …</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters { get; }

    /// <summary>Adapters that belong to it; put them into <see cref="GenerationOptions.Adapters"/>.</summary>
    public IReadOnlyList<AppliedAdapter> Adapters { get; }

    /// <summary>How long opening it took; next to nothing where it was open.</summary>
    public TimeSpan Waited { get; }

    /// <summary>How long the model stays open after this lease: null for the host's time, zero closes it at once, anything below zero never.</summary>
    public TimeSpan? KeepAlive { get; set; }

    /// <summary>Gives the model back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _returned, 1) == 0)
            _host.Return(_hosted, KeepAlive);
    }
}
