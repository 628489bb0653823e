using Thimble.Planning;

namespace Thimble.Lab.Analyze;

/// <summary>How the nodes of a platform work together.</summary>
internal sealed record Platform
{
    /// <summary>Nodes among which every matrix is divided.</summary>
    public int Tensor { get; init => field = Positive(nameof(Tensor), value); } = 1;

    /// <summary>Nodes among which experts are divided.</summary>
    public int Experts { get; init => field = Positive(nameof(Experts), value); } = 1;

    /// <summary>Nodes among which a prompt's tokens are divided.</summary>
    public int Sequence { get; init => field = Positive(nameof(Sequence), value); } = 1;

    /// <summary>Stages among which layers are divided.</summary>
    public int Pipeline { get; init => field = Positive(nameof(Pipeline), value); } = 1;

    /// <summary>What everything is stored and computed in: <c>F32</c>, <c>F16</c>, <c>I8</c> or <c>I4</c>.</summary>
    public string Number { get; init; } = Device.F16;

    /// <summary>The share of its peaks that a node reaches.</summary>
    public double Efficiency { get; init; } = 1;

    /// <summary>Whether what does not fit lies outside the node's memory.</summary>
    public bool Offloads { get; init; }

    /// <summary>Bytes a second from there.</summary>
    public double OffloadBytesPerSecond { get; init; } = 128e9;

    /// <summary>Whether the published tool's oddities are kept.</summary>
    public bool Compatible { get; init; } = true;

    /// <summary>Nodes.</summary>
    public int Nodes => Tensor * Experts * Pipeline;

    /// <summary>Bytes of a number.</summary>
    public double NumberBytes => Number switch
    {
        Device.F32 => 4,
        Device.F16 => 2,
        Device.I8 => 1,
        Device.I4 => 0.5,
        _ => throw new NotSupportedException($"Number '{Number}' is unknown; known: F32, F16, I8, I4."),
    };

    private static int Positive(string name, int value) =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; expected 1 or more.");
}

/// <summary>A use of a model and the times that it allows.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Prompt">Tokens of the prompt.</param>
/// <param name="Generated">Tokens of the answer.</param>
/// <param name="Beams">Beams of a sequence.</param>
internal sealed record UseCase(string Name, int Prompt, int Generated, int Beams = 1)
{
    /// <summary>Sequences side by side.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Seconds until the first token.</summary>
    public double FirstTokenSeconds { get; init; } = 1;

    /// <summary>Seconds for each further token.</summary>
    public double TokenSeconds { get; init; } = 0.1;

    /// <summary>The uses that the paper's site offers.</summary>
    public static IReadOnlyList<UseCase> Known { get; } =
    [
        new("question-answering", 1000, 200, 4), new("summarisation", 15000, 1000, 4), new("chat", 2048, 128, 2), new("code", 20000, 50, 4),
    ];
}
