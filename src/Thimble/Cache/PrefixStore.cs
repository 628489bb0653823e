using Thimble.Models.States;

namespace Thimble.Cache;

/// <summary>What the blocks of a <see cref="PrefixTree"/> hold: pages of keys and values, and copies of recurrent states.</summary>
internal sealed class PrefixStore(StatePool states)
{
    private const long CopyBytes = 256L << 20;

    private readonly Stack<float[]> _spare = [];
    private readonly int _most = (int)Math.Clamp(CopyBytes / sizeof(float) / Math.Max(1, states.Floats), 8, 4096);
    private int _copies;

    /// <summary>Whether sequences have pages.</summary>
    public bool KeepsKeys => states.KeepsKeys;

    /// <summary>Whether sequences have recurrent states.</summary>
    public bool IsRecurrent => states.IsRecurrent;

    /// <summary>Whether more copies of recurrent states are kept than may be.</summary>
    public bool IsOver => _copies > _most;

    /// <summary>Whether a sequence can go on from a filled block.</summary>
    public bool IsEnough(PrefixNode node) => !states.IsRecurrent || node.Recurrent is not null;

    /// <summary>Fills a block.</summary>
    public void Fill(PrefixNode node, int page)
    {
        (node.IsFilled, node.Page) = (true, page);
        if (page >= 0)
            states.Pages.Share(page);
    }

    /// <summary>Keeps a copy of the recurrent states after a block, if there is none yet.</summary>
    public void Keep(PrefixNode node, ReadOnlySpan<float> recurrent)
    {
        if (node.Recurrent is not null)
            return;

        node.Recurrent = _spare.TryPop(out float[]? spare) ? spare : new float[recurrent.Length];
        recurrent.CopyTo(node.Recurrent);
        _copies++;
    }

    /// <summary>Forgets the recurrent states after a block.</summary>
    public void Forget(PrefixNode node)
    {
        if (node.Recurrent is not { } copy)
            return;

        node.Recurrent = null;
        _spare.Push(copy);
        _copies--;
    }

    /// <summary>Empties a block.</summary>
    public void Empty(PrefixNode node)
    {
        Forget(node);
        if (node.Page >= 0)
            states.Pages.Return(node.Page);
        (node.IsFilled, node.Page) = (false, -1);
    }
}
