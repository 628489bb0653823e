namespace Thimble.Planning;

/// <summary>What is measured of a model.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>Tokens of the prompt that is read; 0 leaves that test out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int PromptTokens { get; init => field = value < 0 ? throw Refused(nameof(PromptTokens), value, 0) : value; } = 512;

    /// <summary>Tokens that are generated one by one, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int GeneratedTokens { get; init => field = value < 1 ? throw Refused(nameof(GeneratedTokens), value, 1) : value; } = 128;

    /// <summary>Tokens of the sequence before the test begins.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int Depth { get; init => field = value < 0 ? throw Refused(nameof(Depth), value, 0) : value; }

    /// <summary>Threads that compute; null for one on each physical core.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? Threads { get; init => field = value < 1 ? throw Refused(nameof(Threads), value.Value, 1) : value; }

    /// <summary>How often each test is run, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Repetitions { get; init => field = value < 1 ? throw Refused(nameof(Repetitions), value, 1) : value; } = 5;

    private static ArgumentOutOfRangeException Refused(string name, int value, int least) => new(name, $"{name} is {value}; expected {least} or more.");
}
