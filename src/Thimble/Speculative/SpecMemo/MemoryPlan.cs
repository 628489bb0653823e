namespace Thimble.Speculative;

/// <summary>What a planned conversation takes and how it drafts.</summary>
/// <param name="Levels">The most tokens of the draft tree's levels, first level first; empty for no drafts.</param>
/// <param name="Heads">Heads, or levels of the drafting model, that guess.</param>
/// <param name="Format">The base model's format.</param>
/// <param name="Weights">Bytes of the base model.</param>
/// <param name="Drafter">Bytes of heads or drafting model, with its cache.</param>
/// <param name="Cache">Bytes of keys and values of the planned conversation and of one tree.</param>
/// <param name="Scratch">Bytes of a verifying run: what it computes, its logits, its tree.</param>
internal sealed record MemoryPlan(IReadOnlyList<int> Levels, int Heads, string Format, long Weights, long Drafter, long Cache, long Scratch)
{
    /// <summary>Tokens of a tree.</summary>
    public int Nodes => Levels.Sum();

    /// <summary>All bytes.</summary>
    public long Total => Weights + Drafter + Cache + Scratch;

    /// <summary>The tree as the paper writes it, such as <c>10-16-17</c>.</summary>
    public string Shape => string.Join('-', Levels);
}
