namespace Thimble.Cli.Options;

/// <summary>What <c>run</c> was asked for besides the prompt.</summary>
internal sealed record RunRequest
{
    /// <summary>The knobs.</summary>
    public RunSettings Settings { get; init; } = new();

    /// <summary>The adapters that the text goes through.</summary>
    public IReadOnlyList<AdapterRequest> Adapters { get; init; } = [];

    /// <summary>Files of pictures that the prompt is about.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>What the model is told about its task; null for nothing.</summary>
    public string? System { get; init; }

    /// <summary>Whether the chat template is left out.</summary>
    public bool Raw { get; init; }

    /// <summary>Whether a beginning is repeated before its continuation.</summary>
    public bool Echo { get; init; } = true;

    /// <summary>Whether timings are shown.</summary>
    public bool Verbose { get; init; }

    /// <summary>Whether the outcome is one JSON object.</summary>
    public bool Json { get; init; }
}
