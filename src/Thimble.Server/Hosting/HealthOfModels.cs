using Microsoft.Extensions.Diagnostics.HealthChecks;
using Thimble.Library;

namespace Thimble.Server.Hosting;

/// <summary>Whether requests are answered, as the application's health checks ask: not while the model is opened, nor once the server stops.</summary>
/// <param name="serving">The server.</param>
internal sealed class HealthOfModels(Serving serving) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<LoadedModel> open = serving.Models.Loaded();
        Dictionary<string, object> figures = new(StringComparer.Ordinal)
        {
            ["models"] = string.Join(", ", open.Where(model => model.IsOpen).Select(model => model.Name)),
            ["running"] = serving.Admission.Running,
            ["waiting"] = serving.Admission.Waiting,
        };
        HealthStatus bad = context.Registration.FailureStatus;
        return Task.FromResult(
            serving.IsDraining ? new HealthCheckResult(bad, "It stops: what runs goes on, nothing new begins.", data: figures)
            : serving.Options.OpenAtStart && !serving.IsOpen ? new(bad, serving.OpeningFault ?? $"'{serving.DefaultModel}' is being opened.", data: figures)
            : HealthCheckResult.Healthy($"{open.Count(model => model.IsOpen)} models are open.", figures));
    }
}
