using Thimble.Compute.Memory;
using Thimble.Models.States;
using Thimble.Scheduling;

namespace Thimble.Cache;

/// <summary>Lets sequences begin with what earlier ones of their tenant computed, and keeps what they compute for later ones.</summary>
/// <param name="states">Where sequences keep their states.</param>
/// <param name="limit">The most blocks kept that no running sequence needs; 0 for none at all.</param>
internal sealed class PrefixCache(StatePool states, int limit)
{
    private const int Block = KeyValueStore.PageTokens, LeastNear = 8;

    private readonly List<int> _pages = [];

    /// <summary>What is kept.</summary>
    public PrefixTree Tree { get; } = new(states, limit);

    /// <summary>Prompts that were looked up.</summary>
    public long Lookups { get; private set; }

    /// <summary>Prompts among them whose beginning was known.</summary>
    public long Hits { get; private set; }

    /// <summary>Tokens that needed no computing.</summary>
    public long SavedTokens { get; private set; }

    /// <summary>A sequence begins to run: it takes over what is known of its text, if that is more than it has itself.</summary>
    public void Begin(Sequence sequence)
    {
        if (!CanShare(sequence))
            return;

        SequenceState state = sequence.State;
        PrefixNode root = Tree.Root, best = Tree.Match(root, sequence.Tenant, sequence.Adapters, sequence.Tokens, sequence.Length - 1);
        Lookups++;
        int before = state.Length;
        if (best.Depth * Block > state.Length)
        {
            sequence.Drop();
            Take(sequence, root, best);
        }
        else
        {
            best = Merge(sequence);
        }

        sequence.Place = best;
        Tree.Hold(best);
        PrefixTree.Touch(best);
        TakeNearest(sequence);
        if (state.Length > before)
            Hits++;
        SavedTokens += Math.Max(0, state.Length - before);
    }

    /// <summary>Between two steps: takes over what others have computed of a sequence's text by now.</summary>
    public void Follow(Sequence sequence)
    {
        if (sequence.Place is not { } place || sequence.State.Length != place.Depth * Block)
            return;

        PrefixNode best = Tree.Match(place, sequence.Tenant, sequence.Adapters, sequence.Tokens, sequence.Length - 1);
        if (ReferenceEquals(best, place))
            return;

        SavedTokens += (best.Depth - place.Depth) * Block;
        Take(sequence, place, best);
        Move(sequence, best);
    }

    /// <summary>After a step: keeps the blocks that it has filled.</summary>
    public void Keep(Sequence sequence)
    {
        while (sequence.Place is { } place && (place.Depth + 1) * Block <= sequence.State.Length)
        {
            if (KeepNext(sequence, place) is not { } next)
            {
                // Two texts whose blocks look alike, or adapters that change within a block: from here on it goes alone.
                return;
            }

            Move(sequence, next);
        }
    }

    /// <summary>Before its end: keeps the tokens after its last whole block as well.</summary>
    public void KeepTail(Sequence sequence)
    {
        if (sequence.Place is { } place && sequence.State.Length - (place.Depth * Block) is var count && count >= LeastNear && count < Block)
        {
            Tree.KeepTail(
                place, sequence.Tenant, sequence.Adapters, sequence.Tokens.Slice(place.Depth * Block, count),
                states.KeepsKeys ? sequence.State.Pages[place.Depth] : -1);
        }
    }

    /// <summary>A sequence stops running: what it has stays its own, and what is kept of it may go.</summary>
    public void End(Sequence sequence)
    {
        if (sequence.Place is not { } place)
            return;

        sequence.Place = null;
        Tree.Release(place);
        Tree.Shrink();
    }

    /// <summary>Names the next block of a sequence, alike for all that would compute the same; null if there is no whole one.</summary>
    public static (PrefixNode Place, int Hash)? NextBlock(Sequence sequence)
    {
        if (sequence.Place is not { } place || (place.Depth + 1) * Block > sequence.Length)
            return null;

        HashCode hash = default;
        hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(sequence.Tokens.Slice(place.Depth * Block, Block)));
        hash.Add(sequence.Tenant, StringComparer.Ordinal);
        hash.Add(sequence.Adapters.At(place.Depth * Block, Block).Set);
        return (place, hash.ToHashCode());
    }

    private bool CanShare(Sequence sequence) =>
        Tree.Limit > 0 && sequence.State.Source is null && sequence.Unread is null && sequence.Place is null;

    private void Take(Sequence sequence, PrefixNode from, PrefixNode to)
    {
        PrefixTree.Path(from, to, _pages);
        sequence.State.Trim();
        sequence.State.Adopt(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pages), (to.Depth - from.Depth) * Block, to.Recurrent);
    }

    /// <summary>A block of which only the first tokens are the text's next ones serves that far; the sequence copies it before it writes.</summary>
    private void TakeNearest(Sequence sequence)
    {
        PrefixNode place = sequence.Place!;
        int start = place.Depth * Block, most = Math.Min(Block, sequence.Length - 1 - start);
        if (sequence.State.Length != start || most < LeastNear)
            return;

        (PrefixNode? near, int count) = Tree.Nearest(place, sequence.Tenant, sequence.Adapters, sequence.Tokens.Slice(start, most));
        if (near is null || count < LeastNear || near.Page < 0)
            return;

        sequence.State.Trim();
        sequence.State.Adopt([near.Page], count, []);
    }

    /// <summary>A sequence that knows more than is kept: its blocks are kept too, and where they are already, shared.</summary>
    private PrefixNode Merge(Sequence sequence)
    {
        PrefixNode place = Tree.Root;
        while ((place.Depth + 1) * Block <= sequence.State.Length && KeepNext(sequence, place) is { } next)
            place = next;
        return place;
    }

    private PrefixNode? KeepNext(Sequence sequence, PrefixNode place)
    {
        SequenceState state = sequence.State;
        bool isNow = (place.Depth + 1) * Block == state.Length;
        PrefixNode? next = Tree.Keep(
            place, sequence.Tenant, sequence.Adapters, sequence.Tokens, states.KeepsKeys ? state.Pages[place.Depth] : -1,
            states.IsRecurrent && isNow ? state.AllRecurrent : []);
        if (next is { Page: >= 0 })
            state.Replace(place.Depth, next.Page);
        return next;
    }

    private void Move(Sequence sequence, PrefixNode place)
    {
        Tree.Hold(place);
        Tree.Release(sequence.Place!);
        sequence.Place = place;
    }
}
