using System.Runtime.CompilerServices;
using Thimble.Server.Http;
using Thimble.Server.OpenAi;

namespace Thimble.Server.Telemetry;

/// <summary><c>GET /metrics</c>: the server's figures as Prometheus reads them.</summary>
internal static class Metrics
{
    [ModuleInitializer]
    internal static void Register() => Routes.AddGet("/metrics", OpenAiDialect.Dialect, ShowAsync);

    private static Task ShowAsync(Exchange exchange) => exchange.WriteTextAsync(
        exchange.Serving.Meters.Text() ?? throw new Rejection(404, Rejection.Missing, "This server gathers no figures; leave out --no-metrics."),
        "text/plain; version=0.0.4; charset=utf-8");
}
