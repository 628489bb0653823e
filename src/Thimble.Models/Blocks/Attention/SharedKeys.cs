using Thimble.Compute.Kernels;

namespace Thimble.Models.Blocks;

/// <summary>Neighbouring sequences of a run, of one new token each, whose first keys lie in the same pages: those are met by all their queries at once.</summary>
/// <remarks>Keys are met chunk by chunk and the parts merged in order in any case, so the bits are those of each alone.
/// Source: Lin et al., "Parrot", 2024, section 5.3; the merge as in <see cref="PartialAttention"/>.</remarks>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many; 1 for one that shares nothing.</param>
/// <param name="Chunks">Chunks of keys that they share.</param>
internal readonly record struct SharedKeys(int First, int Count, int Chunks)
{
    /// <summary>Keys that they share.</summary>
    public int Keys => Chunks * AttentionChunks.Tokens;

    /// <summary>Whether a rule lets queries at different positions meet the same keys alike: what they see and how they score it must not depend on the distance.</summary>
    public static bool Allows(AttentionRule rule) => rule is { Causal: true, Window: 0, Slopes: null, Distances: null };

    /// <summary>Finds them.</summary>
    /// <param name="segments">The sequences of a run.</param>
    /// <param name="found">Receives them in order, all sequences that share something; room for one for two sequences.</param>
    /// <returns>How many there are.</returns>
    public static int Find(ReadOnlySpan<Segment> segments, Span<SharedKeys> found)
    {
        int count = 0;
        for (int first = 0; first < segments.Length - 1;)
        {
            SharedKeys group = From(segments, first);
            if (group.Count > 1)
                found[count++] = group;
            first += group.Count;
        }

        return count;
    }

    private static SharedKeys From(ReadOnlySpan<Segment> segments, int first)
    {
        int chunks = Whole(segments[first]), count = 1;
        for (; first + count < segments.Length; count++)
        {
            ReadOnlySpan<int> mine = segments[first].State.Pages, others = segments[first + count].State.Pages;
            int common = Math.Min(Whole(segments[first + count]), mine.CommonPrefixLength(others) / AttentionChunks.Pages);
            common = Math.Min(common, chunks);

            // One more that shares less may make all share less than they save.
            if (common == 0 || common * count < chunks * (count - 1))
                break;
            chunks = common;
        }

        return count > 1 ? new(first, count, chunks) : new(first, 1, 0);
    }

    /// <summary>Whole chunks of a sequence's keys, if it has one new token that sees all before it.</summary>
    private static int Whole(in Segment segment) =>
        segment is { Count: 1, Tree: null, Mutual: null, Reads: false } ? segment.State.Length / AttentionChunks.Tokens : 0;
}
