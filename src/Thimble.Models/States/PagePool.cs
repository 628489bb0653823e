using Thimble.Compute.Memory;

namespace Thimble.Models.States;

/// <summary>Who uses which page of a <see cref="KeyValueStore"/>: pages are shared by reference count and never moved.</summary>
/// <param name="store">Where keys and values lie.</param>
/// <param name="capacity">The most pages it may grow to.</param>
internal sealed class PagePool(KeyValueStore store, int capacity)
{
    private readonly List<int> _uses = [];
    private readonly Stack<int> _free = [];

    /// <summary>Where keys and values lie.</summary>
    public KeyValueStore Store { get; } = store;

    /// <summary>The most pages it may grow to.</summary>
    public int Capacity { get; } = capacity;

    /// <summary>Pages nobody uses, those not yet made included.</summary>
    public int Free => Capacity - _uses.Count + _free.Count;

    /// <summary>Pages that somebody uses.</summary>
    public int Used => _uses.Count - _free.Count;

    /// <summary>Takes a page of one's own. What it holds is undefined.</summary>
    /// <exception cref="CapacityException">All pages are in use.</exception>
    public int Rent()
    {
        if (_free.TryPop(out int page))
        {
            _uses[page] = 1;
            return page;
        }

        if (_uses.Count == Capacity)
        {
            throw new CapacityException(
                $"All {Capacity} pages of the cache ({(long)Capacity * KeyValueStore.PageTokens} tokens) are in use; " +
                "end a session, or open the model with a larger cache.",
                needed: (long)(Capacity + 1) * KeyValueStore.PageTokens, available: (long)Capacity * KeyValueStore.PageTokens);
        }

        page = Store.Add();
        _uses.Add(1);
        return page;
    }

    /// <summary>Uses a page once more.</summary>
    public void Share(int page) => _uses[page]++;

    /// <summary>Uses a page once less.</summary>
    public void Return(int page)
    {
        if (--_uses[page] == 0)
            _free.Push(page);
    }

    /// <summary>Whether others use a page too.</summary>
    public bool IsShared(int page) => _uses[page] > 1;
}
