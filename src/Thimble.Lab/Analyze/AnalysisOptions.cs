using Thimble.Planning;

namespace Thimble.Lab.Analyze;

/// <summary>What is worked out of a model, and for which machine.</summary>
public sealed record AnalysisOptions
{
    /// <summary>What the model is asked to do.</summary>
    public AnalysisSettings Settings { get; init; } = new();

    /// <summary>The device; null for <see cref="Machine"/>.</summary>
    public Device? Device { get; init; }

    /// <summary>The measured machine, where no device is given.</summary>
    public Machine? Machine { get; init; }

    /// <summary>Threads of the measured machine; null for one on each fast core.</summary>
    public int? Threads { get; init; }

    /// <summary>A weight format to imagine the model in; null for the one it has.</summary>
    public string? Format { get; init; }

    /// <summary>Whether weights count with the settings' bits, rather than with those that they are stored in.</summary>
    public bool StatedBits { get; init; }

    /// <summary>Whether the numbers are those of the published LLM-Viewer, with its oddities.</summary>
    public bool Compatible { get; init; }
}
