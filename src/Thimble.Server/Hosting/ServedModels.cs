using Microsoft.Extensions.Options;

namespace Thimble.Server.Hosting;

/// <summary>The models that are served.</summary>
internal sealed class ServedModels(IOptions<ServerOptions> options) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ServerOptions _options = options.Value;
    private Task<Model>? _model;

    /// <summary>The name of the model that answers where none is named.</summary>
    public string DefaultName => _options.Alias ?? (_options.Model is { } path ? Path.GetFileNameWithoutExtension(path) : "default");

    /// <summary>Whether the model is open.</summary>
    public bool IsOpen => _model is { IsCompletedSuccessfully: true };

    /// <summary>A lease on a model, which is opened if it is not open.</summary>
    /// <param name="name">Its name; null for the default.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task<ServedModel> RentAsync(string? name, CancellationToken stop)
    {
        Task<Model> opening;
        lock (_lock)
        {
            if (_model is null or { IsFaulted: true })
                _model = Task.Run(() => _options.Model is { } path ? Model.Open(path, _options.Opening) : Model.OpenDefault(_options.Opening), CancellationToken.None);
            opening = _model;
        }

        return new(await opening.WaitAsync(stop).ConfigureAwait(false), name ?? DefaultName);
    }

    public void Dispose()
    {
        if (IsOpen)
            _model!.GetAwaiter().GetResult().Dispose();
    }
}

/// <summary>A lease on a model: it stays open until the lease is disposed.</summary>
/// <param name="Model">The model.</param>
/// <param name="Name">The name it was asked for by.</param>
internal sealed record ServedModel(Model Model, string Name) : IDisposable
{
    public void Dispose()
    {
    }
}
