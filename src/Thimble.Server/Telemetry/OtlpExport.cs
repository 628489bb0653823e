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
    private const int HttpPort = 4318;   // OTLP over HTTP, as IANA lists it; 4317 is gRPC's

    // ASP.NET Core's own span is the parent, and records nothing unless somebody listens to it: that must not silence this one.
    private static readonly ParentBasedSampler s_sampler = new(new AlwaysOnSampler(), localParentNotSampled: new AlwaysOnSampler());

    private TracerProvider? _traces;
    private MeterProvider? _figures;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Otlp is not { } address)
            return Task.CompletedTask;

        ResourceBuilder self = ResourceBuilder.CreateDefault().AddService("thimble");
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(self).AddSource(Meters.Name).SetSampler(s_sampler).AddOtlpExporter(exporter => Address(exporter, address, "traces")).Build();
        _figures = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(self).AddMeter(Meters.Name).AddOtlpExporter(exporter => Address(exporter, address, "metrics")).Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _traces?.Dispose();   // sends what is left
        _figures?.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>By gRPC, unless the port or a path in the address says HTTP: there each kind has a path of its own.</summary>
    private static void Address(OtlpExporterOptions exporter, Uri address, string kind)
    {
        bool http = address.Port == HttpPort || address.AbsolutePath.Length > 1;
        exporter.Protocol = http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = http ? new($"{address.GetLeftPart(UriPartial.Path).TrimEnd('/')}/v1/{kind}") : address;
    }
}
