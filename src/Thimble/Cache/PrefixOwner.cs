namespace Thimble.Cache;

/// <summary>The blocks of one tenant, in the order in which they were used.</summary>
/// <param name="name">The tenant; null for what is public.</param>
internal sealed class PrefixOwner(string? name)
{
    private readonly Dictionary<PrefixNode, PrefixNode> _grafts = [];
    private PrefixNode? _latest;

    /// <summary>The tenant; null for what is public.</summary>
    public string? Name { get; } = name;

    /// <summary>Blocks that are filled.</summary>
    public int Filled { get; set; }

    /// <summary>The block that was used least recently; null for none.</summary>
    public PrefixNode? Oldest { get; private set; }

    /// <summary>Whether it has no blocks at all.</summary>
    public bool IsEmpty => Oldest is null && _grafts.Count == 0;

    /// <summary>Where its own blocks go on from a public one; null if they do not.</summary>
    public PrefixNode? GraftAt(PrefixNode node) => _grafts.GetValueOrDefault(node);

    /// <summary>Lets its own blocks go on from a public one.</summary>
    /// <param name="node">The public one.</param>
    /// <param name="root">The root of its own.</param>
    public void Graft(PrefixNode node, PrefixNode root) => _grafts.Add(node, root);

    /// <summary>Ends that.</summary>
    public void Ungraft(PrefixNode node) => _grafts.Remove(node);

    /// <summary>Makes a block the latest used.</summary>
    public void Touch(PrefixNode node)
    {
        if (ReferenceEquals(node, _latest))
            return;

        Remove(node);
        node.Older = _latest;
        if (_latest is not null)
            _latest.Newer = node;
        _latest = node;
        Oldest ??= node;
    }

    /// <summary>Takes a block out of the order.</summary>
    public void Remove(PrefixNode node)
    {
        if (node.Newer is not null)
            node.Newer.Older = node.Older;
        else if (ReferenceEquals(node, _latest))
            _latest = node.Older;
        if (node.Older is not null)
            node.Older.Newer = node.Newer;
        else if (ReferenceEquals(node, Oldest))
            Oldest = node.Newer;
        (node.Older, node.Newer) = (null, null);
    }
}
