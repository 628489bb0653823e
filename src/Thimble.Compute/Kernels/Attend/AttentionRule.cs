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

    /// <summary>Whether a window lies around the query, half of it to each side, rather than behind.</summary>
    public bool Around { get; init; }

    /// <summary>Whether a query sees only the keys that it and they see mutually (<see cref="AttentionHead.Mutual"/>), not all others too.</summary>
    public bool Parted { get; init; }

    /// <summary>Added to a score by distance, for each query head; null for none.</summary>
    public DistanceBias? Distances { get; init; }

    /// <summary>The first key that a query at a position sees.</summary>
    public int FirstKey(int position) => Window == 0
        ? 0
        : Chunked ? position - (position % Window) : Math.Max(0, Around ? position - (Window / 2) : position + 1 - Window);

    /// <summary>The key after the last that a query at a position sees, of so many.</summary>
    public int EndKey(int position, int length) =>
        Causal ? Math.Min(position + 1, length) : Around && Window > 0 ? Math.Min(position + (Window / 2) + 1, length) : length;
}

/// <summary>What is added to a score by how far the key lies behind or before its query.</summary>
/// <param name="Values">Shape [query heads, 2 · reach + 1]: from reach tokens before the query to reach tokens after it.</param>
/// <param name="Reach">The distance from which on all count as one.</param>
internal sealed record DistanceBias(float[] Values, int Reach)
{
    /// <summary>What a head adds to the score of a key at a distance, below 0 before the query.</summary>
    public float this[int head, int distance] => Values[(head * ((2 * Reach) + 1)) + Reach + Math.Clamp(distance, -Reach, Reach)];
}
