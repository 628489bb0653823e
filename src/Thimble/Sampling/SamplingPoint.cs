namespace Thimble.Sampling;

/// <summary>Where in its text a sampler stands: what a step may look at besides the candidates.</summary>
/// <param name="history">Prompt and generated tokens so far, oldest first, shape [tokens].</param>
/// <param name="seed">Names the random sequence.</param>
/// <param name="position">How many tokens were generated before this one.</param>
internal readonly ref struct SamplingPoint(ReadOnlySpan<int> history, ulong seed, long position)
{
    private readonly ReadOnlySpan<int> _history = history;

    /// <summary>The latest tokens, oldest first, at most so many.</summary>
    public ReadOnlySpan<int> Latest(int count) => _history.Length <= count ? _history : _history[^count..];

    /// <summary>This position's random number in [0, 1) for a purpose.</summary>
    public double Uniform(DrawPurpose purpose) => Philox.Uniform(seed, position, purpose);
}
