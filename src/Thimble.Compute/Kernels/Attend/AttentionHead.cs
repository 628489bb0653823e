using Thimble.Compute.Memory;

namespace Thimble.Compute.Kernels;

/// <summary>Query rows that share one key-value head of one sequence, and what they may see.</summary>
internal readonly ref struct AttentionHead
{
    /// <summary>Where keys and values lie.</summary>
    public required KeyValueStore Store { get; init; }

    /// <summary>The layer, counted among those that keep keys.</summary>
    public required int Layer { get; init; }

    /// <summary>The key-value head.</summary>
    public required int Head { get; init; }

    /// <summary>The sequence's pages, oldest first.</summary>
    public required ReadOnlySpan<int> Pages { get; init; }

    /// <summary>Queries, shape [tokens, ≥ column + group · key size]: each token's heads of this group side by side.</summary>
    public required Matrix Queries { get; init; }

    /// <summary>Where in a row of <see cref="Queries"/> the group begins.</summary>
    public required int QueryColumn { get; init; }

    /// <summary>Receives the attention, shape [tokens, ≥ column + group · value size].</summary>
    public required Matrix Output { get; init; }

    /// <summary>Where in a row of <see cref="Output"/> the group begins.</summary>
    public required int OutputColumn { get; init; }

    /// <summary>Query heads that share the key-value head.</summary>
    public required int Group { get; init; }

    /// <summary>Position of the first query row in its sequence.</summary>
    public required int Position { get; init; }

    /// <summary>Keys there are.</summary>
    public required int Length { get; init; }

    /// <summary>How scores are made from products, and which keys are seen.</summary>
    public required AttentionRule Rule { get; init; }
}

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
