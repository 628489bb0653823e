using Thimble.Library;

namespace Thimble.Planning;

/// <summary>What was measured of a model.</summary>
/// <param name="Model">The model.</param>
/// <param name="Threads">Threads that computed.</param>
/// <param name="ReadBytesPerSecond">Bytes a second that these threads read from memory, measured beside the tests.</param>
/// <param name="Tests">The tests, in the order they ran.</param>
public sealed record BenchmarkResult(ModelSummary Model, int Threads, double ReadBytesPerSecond, IReadOnlyList<BenchmarkTest> Tests);

/// <summary>One test of a model.</summary>
public sealed record BenchmarkTest
{
    /// <summary>Tokens read in one go, or 0 where they were generated one by one.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens generated one by one, or 0 where a prompt was read.</summary>
    public int GeneratedTokens { get; init; }

    /// <summary>Tokens of the sequence before the test began.</summary>
    public int Depth { get; init; }

    /// <summary>Bytes of weights, keys and values that a step reads, on average; 0 for a prompt, which arithmetic bounds.</summary>
    public long BytesPerToken { get; init; }

    /// <summary>Tokens a second, of each repetition.</summary>
    public required IReadOnlyList<double> TokensPerSecond { get; init; }

    /// <summary>Its name as llama-bench writes it: <c>pp512</c>, <c>tg128</c>, <c>tg128 @ d4096</c>.</summary>
    public string Name => $"{(PromptTokens > 0 ? "pp" : "tg")}{(PromptTokens > 0 ? PromptTokens : GeneratedTokens)}{(Depth > 0 ? $" @ d{Depth}" : "")}";

    /// <summary>The mean speed, tokens a second.</summary>
    public double Mean => TokensPerSecond.Average();

    /// <summary>The sample's standard deviation, tokens a second; 0 for one repetition.</summary>
    public double Deviation => TokensPerSecond.Count < 2
        ? 0
        : Math.Sqrt(TokensPerSecond.Sum(speed => (speed - Mean) * (speed - Mean)) / (TokensPerSecond.Count - 1));

    /// <summary>The share of a reading speed that the mean comes to; null for a prompt.</summary>
    /// <param name="bytesPerSecond">Bytes a second that the machine reads.</param>
    public double? ShareOf(double bytesPerSecond) => BytesPerToken > 0 ? Mean * BytesPerToken / bytesPerSecond : null;
}
