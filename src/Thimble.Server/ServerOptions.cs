namespace Thimble.Server;

/// <summary>What is served, to whom, and how much of it. Values out of range are refused when the application starts.</summary>
public sealed record ServerOptions
{
    /// <summary>The model that answers where a request names none: a name, a file or a folder; null for the one inside Thimble.</summary>
    public string? Model { get; set; }

    /// <summary>The name that <see cref="Model"/> goes by; null for its own.</summary>
    public string? Alias { get; set; }

    /// <summary>The folder of the models that may be asked for by name; null for the user's own.</summary>
    public string? Folder { get; set; }

    /// <summary>Bytes that all open models may take together; null for three quarters of the machine's memory.</summary>
    public long? MemoryBytes { get; set; }

    /// <summary>The most models open at once; null for as many as fit the memory.</summary>
    public int? MaxModels { get; set; }

    /// <summary>How long a model that nobody asks stays open; below zero for ever. Null is for ever where <see cref="Model"/> is set, else five minutes.</summary>
    public TimeSpan? KeepAlive { get; set; }

    /// <summary>LoRA adapters and control vectors for <see cref="Model"/>, each with the scale that requests get unless they ask for another.</summary>
    public IList<ServedAdapter> Adapters { get; set; } = [];

    /// <summary>How models are opened.</summary>
    public ModelOptions Opening { get; set; } = new();

    /// <summary>Keys that may ask, as they are; the server keeps their hashes. With neither these nor a file, everybody on this machine may ask.
    /// One alone, without a file, is the owner's, and may change models too.</summary>
    public IList<string> ApiKeys { get; set; } = [];

    /// <summary>A file of hashed keys, as <c>thimble key</c> makes it; null for none.</summary>
    public string? ApiKeyFile { get; set; }

    /// <summary>Whether requests through a public address are answered though there are no keys. Only where something else keeps strangers out.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Names besides localhost that a server without keys answers to on loopback, such as those of a proxy before it.</summary>
    public IList<string> Hosts { get; set; } = [];

    /// <summary>Web pages that may ask, as <c>https://example.org</c>; <c>*</c> for all. None unless set; the server's own may always.</summary>
    public IList<string> Origins { get; set; } = [];

    /// <summary>Requests that compute at once: 1 or more. Default 64.</summary>
    public int MaxConcurrent { get; set; } = 64;

    /// <summary>Requests that wait for their turn: 0 or more; further ones get status 429. Default 512.</summary>
    public int MaxQueue { get; set; } = 512;

    /// <summary>Requests of one key that run or wait at once; null for no limit.</summary>
    public int? MaxConcurrentPerKey { get; set; }

    /// <summary>Requests of one key in a minute; null for no limit.</summary>
    public int? RequestsPerMinute { get; set; }

    /// <summary>The largest body of a request, in bytes. Default 32 MiB.</summary>
    public long MaxBodyBytes { get; set; } = 32 << 20;

    /// <summary>The most tokens of a prompt; null for what the context holds.</summary>
    public int? MaxPromptTokens { get; set; }

    /// <summary>The most tokens of an answer, whatever is asked for; null for what the context holds.</summary>
    public int? MaxOutputTokens { get; set; }

    /// <summary>How long a request may take, waiting included. Default 10 minutes.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long running requests may go on once the server is told to stop. Default 30 seconds.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether prompts and answers are written to the log. They are not, unless set.</summary>
    public bool LogPrompts { get; set; }

    /// <summary>The folder that slots may be saved to and restored from; null for none.</summary>
    public string? SlotFolder { get; set; }

    /// <summary>Whether the model is opened when the application starts, rather than at the first request.</summary>
    public bool OpenAtStart { get; set; } = true;

    /// <summary>Where traces and figures are sent by OTLP, as <c>http://localhost:4317</c>; null for nowhere.</summary>
    public Uri? Otlp { get; set; }

    /// <summary>Whether requests are counted and timed for <c>/metrics</c>.</summary>
    public bool Metrics { get; set; } = true;

    /// <summary>Whether there is a page to chat on at <c>/</c>. An application of its own has none unless it asks; <c>thimble serve</c> has one.</summary>
    public bool Page { get; set; }
}

/// <summary>An adapter that requests may go through.</summary>
/// <param name="Path">Its file or folder.</param>
/// <param name="Scale">How strongly it counts unless a request says otherwise.</param>
public sealed record ServedAdapter(string Path, float Scale = 1);
