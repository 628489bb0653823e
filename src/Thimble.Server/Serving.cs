using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Thimble.Server.Access;
using Thimble.Server.Hosting;

namespace Thimble.Server;

/// <summary>What all requests share: options, keys, places, models.</summary>
internal sealed class Serving : IAsyncDisposable
{
    public Serving(IOptions<ServerOptions> options, ServedModels models, TimeProvider time, ILogger<Serving> log)
    {
        (Options, Models, Time, Log) = (options.Value, models, time, log);
        (Keys, Admission, Started) = (ApiKeys.Of(Options), new Admission(Options), time.GetUtcNow());
    }

    public ServerOptions Options { get; }

    public ServedModels Models { get; }

    public ApiKeys Keys { get; }

    public Admission Admission { get; }

    public TimeProvider Time { get; }

    public ILogger Log { get; }

    /// <summary>When the server came up.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>Whether it is told to stop: what runs goes on, nothing new begins.</summary>
    public bool IsDraining { get; set; }

    /// <summary>Seconds since 1970, as APIs write times.</summary>
    public long Now => Time.GetUtcNow().ToUnixTimeSeconds();

    public ValueTask DisposeAsync() => Admission.DisposeAsync();
}
