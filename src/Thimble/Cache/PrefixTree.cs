using Thimble.Adapters;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;
using Thimble.Models.States;

namespace Thimble.Cache;

/// <summary>Texts that the model has computed, as a radix tree over blocks of a page's tokens: those that begin alike share nodes.</summary>
/// <remarks>A tenant sees its own blocks and those of texts declared public, and no others: neither what they hold nor that they
/// exist. Where memory is short, the tenant that keeps most gives up what it has not used for longest, leaves first.</remarks>
internal sealed class PrefixTree
{
    private const int Block = KeyValueStore.PageTokens, Nearby = 16;

    private readonly Dictionary<(PrefixNode Parent, ulong Hash, AdaptationSet? Adapters), PrefixNode> _nodes = [];
    private readonly Dictionary<string, PrefixOwner> _tenants = new(StringComparer.Ordinal);
    private readonly PrefixOwner _public = new(null);
    private readonly Stack<PrefixNode> _spare = [];
    private readonly PrefixStore _store;
    private int _held;

    /// <summary>An empty tree.</summary>
    /// <param name="states">Where sequences keep their states.</param>
    /// <param name="limit">The most blocks kept that no running sequence needs; 0 for none at all.</param>
    public PrefixTree(StatePool states, int limit)
    {
        _store = new PrefixStore(states);
        Limit = limit;
        Root = new PrefixNode { Owner = _public };
    }

    /// <summary>Where every text begins.</summary>
    public PrefixNode Root { get; }

    /// <summary>The most blocks kept that no running sequence needs.</summary>
    public int Limit { get; }

    /// <summary>Blocks that are filled.</summary>
    public int Filled { get; private set; }

    /// <summary>Filled blocks that running sequences go through.</summary>
    public int Held => _held;

    /// <summary>Blocks emptied so far to make room.</summary>
    public long Evictions { get; private set; }

    /// <summary>Tenants that have blocks.</summary>
    public int Tenants => _tenants.Count;

    /// <summary>Lets every tenant share what is computed of a text: its whole blocks, without adapters.</summary>
    public void Declare(ReadOnlySpan<int> text)
    {
        PrefixNode at = Root;
        for (int start = 0; start + Block <= text.Length && Limit > 0; start += Block)
        {
            ReadOnlySpan<int> block = text.Slice(start, Block);
            PrefixNode? next = Find(at, block, null);
            if (next is null && (next = Add(at, _public, block, null)) is null)
                return;
            next.IsDeclared = true;
            at = next;
        }
    }

    /// <summary>The deepest block below another from which a text can go on.</summary>
    /// <param name="at">Where to begin: a block of this text, or the root.</param>
    /// <param name="tenant">Whose text it is.</param>
    /// <param name="adapters">The adapters its tokens go through.</param>
    /// <param name="text">All its tokens.</param>
    /// <param name="most">The most tokens that may be known.</param>
    public PrefixNode Match(PrefixNode at, string tenant, SequenceAdapters adapters, ReadOnlySpan<int> text, int most)
    {
        PrefixNode best = at;
        while ((at.Depth + 1) * Block <= most && Next(at, tenant, adapters, text) is { IsFilled: true } next)
        {
            at = next;
            if (_store.IsEnough(next))
                best = next;
        }

        return best;
    }

    /// <summary>The block of a text that follows another; null if nobody of its tenant has met it.</summary>
    public PrefixNode? Next(PrefixNode at, string tenant, SequenceAdapters adapters, ReadOnlySpan<int> text)
    {
        if (!TryBlock(at, adapters, text, out ReadOnlySpan<int> block, out AdaptationSet? set))
            return null;
        if (Find(at, block, set) is { } next)
            return next;
        return ReferenceEquals(at.Owner, _public) && Graft(at, tenant) is { } root ? Find(root, block, set) : null;
    }

    /// <summary>A block below another whose first tokens are a text's next ones: its keys serve that far.</summary>
    /// <returns>The block, null if none is near, and how many tokens agree.</returns>
    public (PrefixNode? Node, int Count) Nearest(PrefixNode at, string tenant, SequenceAdapters adapters, ReadOnlySpan<int> rest)
    {
        (AdaptationSet? set, int alike) = adapters.At(at.Depth * Block, Block);
        if (alike < Block || _store.IsRecurrent)
            return (null, 0);

        (PrefixNode? Node, int Count) best = NearestBelow(at, set, rest, (null, 0));
        return ReferenceEquals(at.Owner, _public) && Graft(at, tenant) is { } root ? NearestBelow(root, set, rest, best) : best;
    }

    /// <summary>Takes a computed block in.</summary>
    /// <param name="at">The block before it.</param>
    /// <param name="tenant">Whose text it is.</param>
    /// <param name="adapters">The adapters its tokens went through.</param>
    /// <param name="text">The text.</param>
    /// <param name="page">Its keys and values; −1 for none.</param>
    /// <param name="recurrent">The recurrent states after it; empty if they are gone or there are none.</param>
    /// <returns>The block, filled by this call or an earlier one; null if it cannot be shared.</returns>
    public PrefixNode? Keep(PrefixNode at, string tenant, SequenceAdapters adapters, ReadOnlySpan<int> text, int page, ReadOnlySpan<float> recurrent)
    {
        if (Limit == 0 || !TryBlock(at, adapters, text, out ReadOnlySpan<int> block, out AdaptationSet? set))
            return null;

        PrefixNode? node = Next(at, tenant, adapters, text);
        if (node is null)
        {
            PrefixOwner owner = ReferenceEquals(at.Owner, _public) ? Tenant(tenant) : at.Owner!;
            node = Add(ReferenceEquals(at.Owner, _public) ? GraftOf(at, owner) : at, owner, block, set);
        }

        if (node is null)
            return null;
        Fill(node, page);
        if (!recurrent.IsEmpty)
            _store.Keep(node, recurrent);
        Touch(node);
        return node;
    }

    /// <summary>Takes in the tokens after a text's last whole block, for texts that go on from there.</summary>
    /// <param name="at">The last block.</param>
    /// <param name="tenant">Whose text it is.</param>
    /// <param name="adapters">The adapters its tokens went through.</param>
    /// <param name="tail">The tokens, fewer than a block.</param>
    /// <param name="page">Their keys and values.</param>
    public void KeepTail(PrefixNode at, string tenant, SequenceAdapters adapters, ReadOnlySpan<int> tail, int page)
    {
        (AdaptationSet? set, int alike) = adapters.At(at.Depth * Block, tail.Length);
        if (Limit == 0 || page < 0 || _store.IsRecurrent || alike < tail.Length || tail.ContainsAnyInRange(int.MinValue, -1))
            return;
        if (Nearest(at, tenant, adapters, tail) is ({ } near, int count) && count == tail.Length)
        {
            Touch(near);
            return;
        }

        PrefixOwner owner = ReferenceEquals(at.Owner, _public) ? Tenant(tenant) : at.Owner!;
        PrefixNode node = Spare(owner, at.Depth + 1);
        (node.Count, node.Adapters) = (tail.Length, set);
        tail.CopyTo(node.Tokens);
        node.AttachTo(ReferenceEquals(at.Owner, _public) ? GraftOf(at, owner) : at);
        Fill(node, page);
        Touch(node);
    }

    /// <summary>Says that a running sequence goes through a block and those above it.</summary>
    public void Hold(PrefixNode node)
    {
        for (PrefixNode? at = node; at is not null; at = at.Parent)
        {
            if (at.Holds++ == 0 && at.IsFilled)
                _held++;
        }
    }

    /// <summary>Takes that back.</summary>
    public void Release(PrefixNode node)
    {
        for (PrefixNode? at = node; at is not null; at = at.Parent)
        {
            if (--at.Holds == 0 && at.IsFilled)
                _held--;
        }
    }

    /// <summary>Makes a block and those above it the latest used.</summary>
    public static void Touch(PrefixNode node)
    {
        // From below: a block is never older than what lies below it, so what is oldest is a leaf.
        for (PrefixNode? at = node; at?.Parent is not null; at = at.Parent)
        {
            if (at.Depth != at.Parent.Depth)
                at.Owner!.Touch(at);
        }
    }

    /// <summary>The pages of the blocks between two, the upper one's not among them.</summary>
    public static void Path(PrefixNode from, PrefixNode to, List<int> pages)
    {
        pages.Clear();
        for (PrefixNode? at = to; at is not null && !ReferenceEquals(at, from); at = at.Parent)
        {
            if (at.Page >= 0)
                pages.Add(at.Page);
        }

        pages.Reverse();
    }

    /// <summary>Empties blocks until no more are kept idle than may be.</summary>
    public void Shrink()
    {
        while (Filled - _held > Limit && Evict())
        {
        }

        while (_store.IsOver && Idle(static node => node.Recurrent is not null && node.Holds == 0) is { } node)
        {
            _store.Forget(node);
            if (!_store.KeepsKeys && node.IsIdleLeaf)
                Empty(node);
        }
    }

    /// <summary>Empties the block that can best be spared.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Evict()
    {
        if (Filled == _held || Idle(static node => node.IsIdleLeaf) is not { } node)
            return false;

        Evictions++;
        Empty(node);
        return true;
    }

    private void Fill(PrefixNode node, int page)
    {
        if (node.IsFilled)
            return;

        _store.Fill(node, page);
        Count(node.Parent!, 1);
        node.Owner!.Filled++;
        Filled++;
        if (node.Holds > 0)
            _held++;
    }

    private void Empty(PrefixNode node)
    {
        _store.Empty(node);
        Count(node.Parent!, -1);
        node.Owner!.Filled--;
        Filled--;
        Prune(node);
    }

    /// <summary>Counts a filled block below a parent, or one less; a grafted root is to the public block as a block that leads to filled ones.</summary>
    private static void Count(PrefixNode parent, int change)
    {
        bool led = parent.Filled > 0;
        parent.Filled += change;
        if (parent.Parent is { } above && above.Depth == parent.Depth && led != parent.Filled > 0)
            above.Filled += change;
    }

    /// <summary>The block of some kind that was used least recently by the tenant that keeps most.</summary>
    private PrefixNode? Idle(Func<PrefixNode, bool> takes)
    {
        PrefixOwner richest = _public;
        foreach (PrefixOwner owner in _tenants.Values)
            richest = owner.Filled > richest.Filled ? owner : richest;
        if (First(richest) is { } node)
            return node;

        foreach (PrefixOwner owner in _tenants.Values)
        {
            if (First(owner) is { } other)
                return other;
        }

        return First(_public);

        PrefixNode? First(PrefixOwner owner)
        {
            PrefixNode? at = owner.Oldest;
            while (at is not null && !takes(at))
                at = at.Newer;
            return at;
        }
    }

    private static bool TryBlock(
        PrefixNode at, SequenceAdapters adapters, ReadOnlySpan<int> text, out ReadOnlySpan<int> block, out AdaptationSet? set)
    {
        int start = at.Depth * Block;
        block = start + Block <= text.Length ? text.Slice(start, Block) : default;
        (set, int alike) = adapters.At(start, Block);
        return !block.IsEmpty && alike == Block && !block.ContainsAnyInRange(int.MinValue, -1);   // given vectors are nobody else's
    }

    private PrefixNode? Find(PrefixNode at, ReadOnlySpan<int> block, AdaptationSet? set) =>
        _nodes.TryGetValue((at, HashOf(block), set), out PrefixNode? node) && block.SequenceEqual(node.Tokens) ? node : null;

    private static (PrefixNode? Node, int Count) NearestBelow(
        PrefixNode parent, AdaptationSet? set, ReadOnlySpan<int> rest, (PrefixNode? Node, int Count) best)
    {
        PrefixNode? child = parent.Newest;
        for (int i = 0; i < Nearby && child is not null; i++, child = child.Before)
        {
            int common = child.IsFilled && Equals(child.Adapters, set) ? child.Tokens.AsSpan(0, child.Count).CommonPrefixLength(rest) : 0;
            if (common > best.Count)
                best = (child, common);
        }

        return best;
    }

    private PrefixOwner Tenant(string name)
    {
        if (!_tenants.TryGetValue(name, out PrefixOwner? owner))
            _tenants.Add(name, owner = new PrefixOwner(name));
        return owner;
    }

    private PrefixNode? Graft(PrefixNode at, string tenant) => _tenants.TryGetValue(tenant, out PrefixOwner? owner) ? owner.GraftAt(at) : null;

    private PrefixNode GraftOf(PrefixNode at, PrefixOwner owner)
    {
        if (owner.GraftAt(at) is { } root)
            return root;

        root = Spare(owner, at.Depth);
        (root.Parent, root.Holds) = (at, 0);
        at.Children++;
        owner.Graft(at, root);
        return root;
    }

    private PrefixNode Spare(PrefixOwner owner, int depth)
    {
        PrefixNode node = _spare.TryPop(out PrefixNode? spare) ? spare : new PrefixNode();
        (node.Owner, node.Depth) = (owner, depth);
        return node;
    }

    private PrefixNode? Add(PrefixNode parent, PrefixOwner owner, ReadOnlySpan<int> block, AdaptationSet? set)
    {
        ulong hash = HashOf(block);
        if (_nodes.ContainsKey((parent, hash, set)))
            return null;   // two blocks of one hash, once in 2⁶⁴: the second is not shared

        PrefixNode node = Spare(owner, parent.Depth + 1);
        (node.Hash, node.Adapters) = (hash, set);
        block.CopyTo(node.Tokens);
        node.AttachTo(parent);
        _nodes.Add((parent, hash, set), node);
        return node;
    }

    /// <summary>Forgets a block of which nothing is left, and those above it that only led there.</summary>
    private void Prune(PrefixNode node)
    {
        while (!node.IsFilled && !node.IsDeclared && node.Children == 0 && node.Holds == 0 && node.Parent is { } parent)
        {
            PrefixOwner owner = node.Owner!;
            if (node.Depth == parent.Depth)
            {
                owner.Ungraft(parent);
                parent.Children--;
                node.Parent = null;
            }
            else
            {
                if (node.Count == Block)
                    _nodes.Remove((parent, node.Hash, node.Adapters));
                owner.Remove(node);
                node.Detach();
            }

            if (owner.IsEmpty && owner.Name is { } name)
                _tenants.Remove(name);
            (node.Owner, node.Adapters, node.Filled, node.Count) = (null, null, 0, Block);
            _spare.Push(node);
            node = parent;
        }
    }

    private static ulong HashOf(ReadOnlySpan<int> block)
    {
        ulong hash = 0x9E3779B97F4A7C15;
        foreach (int token in block)
            hash = (hash ^ (uint)token) * 0xD6E8FEB86659FD93 ^ (hash >> 32);
        return hash;
    }
}
