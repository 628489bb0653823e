namespace Thimble.Lab.Analyze;

/// <summary>What a model is asked to do while its cost is worked out.</summary>
public sealed record AnalysisSettings
{
    /// <summary>Sequences side by side.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Batch { get; init => field = Positive(nameof(Batch), value); } = 1;

    /// <summary>Tokens of the prompt, and those that a generated token looks back on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Length { get; init => field = Positive(nameof(Length), value); } = 1024;

    /// <summary>Bits of a weight.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not 1 to 64.</exception>
    public double WeightBits { get; init => field = Bits(nameof(WeightBits), value); } = 16;

    /// <summary>Bits of an activation.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not 1 to 64.</exception>
    public double ActivationBits { get; init => field = Bits(nameof(ActivationBits), value); } = 16;

    /// <summary>Bits of a key's or value's number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not 1 to 64.</exception>
    public double CacheBits { get; init => field = Bits(nameof(CacheBits), value); } = 16;

    /// <summary>Whether attention is computed in tiles, so that scores never reach memory.</summary>
    public bool Flash { get; init; }

    /// <summary>Tokens that each sequence decodes in one step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int ParallelDecode { get; init => field = Positive(nameof(ParallelDecode), value); } = 1;

    private static int Positive(string name, int value) =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; expected 1 or more.");

    private static double Bits(string name, double value) => value is >= 1 and <= 64
        ? value
        : throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} is {value}; expected 1 to 64."));
}
