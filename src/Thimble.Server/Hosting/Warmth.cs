using Microsoft.Extensions.Hosting;
using Thimble.Library;
using Thimble.Server.Telemetry;

namespace Thimble.Server.Hosting;

/// <summary>Opens the model when the application starts, and lets running requests end when it stops.</summary>
internal sealed class Warmth(Serving serving, IHostApplicationLifetime lifetime) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task? _opening;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(() => serving.IsDraining = true);
        return Task.CompletedTask;
    }

    // Not awaited: the server is up, and says that it is loading, while the model is opened.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _opening = serving.Options.OpenAtStart ? OpenAsync() : null;
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        serving.IsDraining = true;
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_opening is not null)
            await _opening.ConfigureAwait(false);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stop.Dispose();

    private async Task OpenAsync()
    {
        try
        {
            using ModelLease lease = await serving.Models.RentAsync(null, _stop.Token).ConfigureAwait(false);
            serving.IsOpen = true;
            serving.Log.Opened(lease.Name, lease.Model.LoadTime.TotalSeconds);
        }
        catch (OperationCanceledException)
        {
            // stopped before it was open
        }
        catch (Exception fault)
        {
            serving.OpeningFault = fault.Message;
            serving.Log.NotOpened(fault.Message);   // and each request will say so; the next one tries again
        }
    }
}
