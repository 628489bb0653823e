namespace Thimble.Compute.Kernels;

/// <summary>How scores are made from products, and which keys a query sees.</summary>
/// <param name="Scale">Factor on <c>q · k</c>.</param>
/// <param name="Causal">Whether a query sees no later keys.</param>
/// <param name="Window">How many keys a query sees, its own among them; 0 for all.</param>
/// <param name="SoftCap">Scores become <c>cap · tanh(score / cap)</c>; 0 for none.</param>
/// <param name="Slopes">Taken from a score per token of distance, one for each query head; null for none (ALiBi).</param>
/// <param name="Sinks">A score that takes part in the sum and has no value, one for each query head; null for none.</param>
internal sealed record AttentionRule(
    float Scale, bool Causal = true, int Window = 0, float SoftCap = 0, float[]? Slopes = null, float[]? Sinks = null)
{
    /// <summary>Whether windows lie side by side, so that a query sees the keys of its own, rather than moving with the query.</summary>
    public bool Chunked { get; init; }

    /// <summary>The first key that a query at a position sees.</summary>
    public int FirstKey(int position) => Window == 0
        ? 0
        : Chunked ? position - (position % Window) : Math.Max(0, position + 1 - Window);
}
