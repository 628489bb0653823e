using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Thimble.Server.Telemetry;

/// <summary>Sends traces and figures by OTLP while the application runs, where an address is given.</summary>
internal sealed class OtlpExport(IOptions<ServerOptions> options) : IHostedService
{
    private TracerProvider? _traces;
    private MeterProvider? _figures;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Otlp is not { } address)
            return Task.CompletedTask;

        ResourceBuilder self = ResourceBuilder.CreateDefault().AddService("thimble");
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(self).AddSource(Meters.Name).AddOtlpExporter(Send).Build();
        _figures = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(self).AddMeter(Meters.Name).AddOtlpExporter(Send).Build();
        return Task.CompletedTask;

        void Send(OtlpExporterOptions exporter) => exporter.Endpoint = address;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _traces?.Dispose();   // sends what is left
        _figures?.Dispose();
        return Task.CompletedTask;
    }
}
