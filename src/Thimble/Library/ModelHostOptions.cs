namespace Thimble.Library;

/// <summary>Which models a <see cref="ModelHost"/> knows, and how many it holds open.</summary>
public sealed record ModelHostOptions
{
    /// <summary>The folder of models that are known by name.</summary>
    public ModelFolder Folder { get; init; } = ModelFolder.Default;

    /// <summary>More names, each with the file or folder that it means; they go before those of <see cref="Folder"/>.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();

    /// <summary>The model that is meant where none is named: a name, or null for the story model inside Thimble.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>Whether a model may be named by its path. Leave it off where names come from others: a path could lead anywhere.</summary>
    public bool AllowPaths { get; init; }

    /// <summary>How models are opened. Where <see cref="ModelOptions.CacheTokens"/> is null, the host shares its memory out.</summary>
    public ModelOptions Model { get; init; } = new();

    /// <summary>How single models are opened, by name, in place of <see cref="Model"/>: what fits one only, such as its projector.</summary>
    public IReadOnlyDictionary<string, ModelOptions> Openings { get; init; } = new Dictionary<string, ModelOptions>();

    /// <summary>Bytes that all open models may take together, weights and cache; null for three quarters of the machine's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public long? MemoryBytes { get; init => field = value is < 1 ? throw Refused(nameof(MemoryBytes), value, "at least 1") : value; }

    /// <summary>The most models open at once; null for as many as fit <see cref="MemoryBytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? MaxModels { get; init => field = value is < 1 ? throw Refused(nameof(MaxModels), value, "at least 1") : value; }

    /// <summary>How long a model that nobody uses stays open: five minutes; zero closes it at once, anything below zero never.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long opening a model may wait for room that requests to other models hold.</summary>
    public TimeSpan RoomTimeout { get; init; } = TimeSpan.FromMinutes(5);

    private static ArgumentOutOfRangeException Refused(string name, object? value, string expected) =>
        new(name, value, $"{name} is {value}; expected {expected}.");
}
