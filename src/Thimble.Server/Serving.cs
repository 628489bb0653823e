using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Thimble.Library;
using Thimble.Server.Access;
using Thimble.Server.Adapters;
using Thimble.Server.LlamaServer;
using Thimble.Server.OpenAi;
using Thimble.Server.Semantic;
using Thimble.Server.Telemetry;

namespace Thimble.Server;

/// <summary>What all requests share: options, keys, places, models.</summary>
internal sealed class Serving : IAsyncDisposable
{
    public Serving(IOptions<ServerOptions> options, ModelHost models, Meters meters, TimeProvider time, ILogger<Serving> log)
    {
        (Options, Models, Time, Log) = (options.Value, models, time, log);
        (Keys, Admission, Started) = (ApiKeys.Of(Options), new Admission(Options), time.GetUtcNow());
        (Meters, Adapters, Rooms) = (meters, new AdapterShelf(Options), new SemanticRooms(time, Options, meters));
        Bodies = BodyRoom.For(Options);
        meters.Watch(Admission, models);
    }

    public ServerOptions Options { get; }

    /// <summary>The models, which are opened when they are asked for.</summary>
    public ModelHost Models { get; }

    /// <summary>The adapters that may be asked for.</summary>
    public AdapterShelf Adapters { get; }

    /// <summary>What is counted and timed.</summary>
    public Meters Meters { get; }

    /// <summary>Sessions of calls with named inputs and outputs.</summary>
    public SemanticRooms Rooms { get; }

    /// <summary>Responses that later ones may go on from.</summary>
    public ResponseStore Responses { get; } = new();

    /// <summary>Texts that are remembered by key and number.</summary>
    public SlotShelf Slots { get; } = new();

    /// <summary>The name of the model that answers where none is named.</summary>
    public string DefaultModel => NameOf(Options);

    public ApiKeys Keys { get; }

    public Admission Admission { get; }

    /// <summary>What the bodies of all requests may take.</summary>
    public BodyRoom Bodies { get; }

    public TimeProvider Time { get; }

    public ILogger Log { get; }

    /// <summary>When the server came up.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>Whether the model is open, or was once, where it is to be opened at the start.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Why the model could not be opened at the start; null where it could, or is being opened.</summary>
    public string? OpeningFault { get; set; }

    /// <summary>Whether it is told to stop: what runs goes on, nothing new begins.</summary>
    public bool IsDraining { get; set; }

    /// <summary>Seconds since 1970, as APIs write times.</summary>
    public long Now => Time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The name of the model that answers where none is named.</summary>
    public static string NameOf(ServerOptions options) =>
        options.Alias ?? (options.Model is { } path ? Path.GetFileNameWithoutExtension(path.TrimEnd('/', '\\')) : Thimble.DefaultModel.Alias);

    /// <summary>The host of the models that options speak of.</summary>
    public static ModelHost Host(ServerOptions options, TimeProvider time)
    {
        string name = NameOf(options);
        Dictionary<string, string> names = new(StringComparer.OrdinalIgnoreCase);
        ModelFolder folder = options.Folder is { } path ? new(path) : ModelFolder.Default;
        if (options.Model is { } model)
            names[name] = folder.Find(model) ?? Path.GetFullPath(model);
        return new(
            new()
            {
                Folder = folder,
                Names = names,
                DefaultModel = name,
                Model = options.Opening with { Projector = null, LearntDraft = null, Draft = File.Exists(options.Opening.Draft) ? "off" : options.Opening.Draft },   // those are one model's
                Openings = new Dictionary<string, ModelOptions>(StringComparer.OrdinalIgnoreCase) { [name] = options.Opening },
                MemoryBytes = options.MemoryBytes,
                MaxModels = options.MaxModels,
                KeepAlive = options.KeepAlive ?? (options.Model is null ? TimeSpan.FromMinutes(5) : Timeout.InfiniteTimeSpan),
            },
            time);
    }

    public ValueTask DisposeAsync()
    {
        Rooms.Dispose();
        Slots.Dispose();
        return Admission.DisposeAsync();
    }
}
