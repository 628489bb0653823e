using System.Runtime.InteropServices;
using Thimble.Compute.Memory;

namespace Thimble.Models.States;

/// <summary>All that a model keeps of one sequence: pages of keys and values, shared where sequences begin alike, and recurrent states.</summary>
internal sealed class SequenceState : IDisposable
{
    private const int PageTokens = KeyValueStore.PageTokens;

    private readonly StatePool _pool;
    private readonly List<int> _pages = [];
    private readonly float[] _recurrent;

    /// <summary>An empty sequence.</summary>
    public SequenceState(StatePool pool)
    {
        _pool = pool;
        _recurrent = new float[pool.Floats];
    }

    /// <summary>Tokens it holds.</summary>
    public int Length { get; private set; }

    /// <summary>What is kept of the text that was read before this one is written; null for none.</summary>
    public SequenceState? Source { get; set; }

    /// <summary>Where keys and values lie.</summary>
    public KeyValueStore Store => _pool.Pages.Store;

    /// <summary>Its pages, oldest first.</summary>
    public ReadOnlySpan<int> Pages => CollectionsMarshal.AsSpan(_pages);

    /// <summary>The recurrent state of a mixer, to be read and written.</summary>
    public Span<float> Recurrent(int mixer) => _recurrent.AsSpan(_pool.Places[mixer].Start, _pool.Places[mixer].Floats);

    /// <summary>All recurrent states.</summary>
    public Span<float> AllRecurrent => _recurrent;

    /// <summary>A mixer's number among those that keep keys.</summary>
    public int Layer(int mixer) => _pool.Places[mixer].Layer;

    /// <summary>Pages that more tokens take from those free: new ones, and a copy of the last where others use it too.</summary>
    public int PagesFor(int tokens)
    {
        if (!_pool.KeepsKeys)
            return 0;

        int needed = (Length + tokens + PageTokens - 1) / PageTokens;
        return Math.Max(0, needed - _pages.Count) + (Copies(tokens) ? 1 : 0);
    }

    /// <summary>Makes room for more tokens, copying the last page first if others use it too.</summary>
    /// <exception cref="CapacityException">All pages are in use; nothing has changed.</exception>
    public void Reserve(int tokens)
    {
        if (!_pool.KeepsKeys)
            return;

        PagePool pages = _pool.Pages;
        int needed = (Length + tokens + PageTokens - 1) / PageTokens, shared = Length / PageTokens;
        if (PagesFor(tokens) > pages.Free)
        {
            long free = (long)pages.Free * PageTokens;
            throw new CapacityException(
                $"{tokens} more tokens need {PagesFor(tokens)} pages of the cache and {pages.Free} of {pages.Capacity} are free; " +
                "end a session, or open the model with a larger cache.",
                tokens, free);
        }

        if (Copies(tokens))
        {
            int own = pages.Rent();
            pages.Store.Copy(_pages[shared], own);
            pages.Return(_pages[shared]);
            _pages[shared] = own;
        }

        while (_pages.Count < needed)
            _pages.Add(pages.Rent());
    }

    /// <summary>Takes over what was computed of tokens that follow its own: their pages are shared.</summary>
    /// <param name="pages">Pages that continue this sequence's, which must be full.</param>
    /// <param name="tokens">Tokens they hold.</param>
    /// <param name="recurrent">All recurrent states after them; empty if the model has none.</param>
    public void Adopt(ReadOnlySpan<int> pages, int tokens, ReadOnlySpan<float> recurrent)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(_pool.KeepsKeys ? _pages.Count * PageTokens : Length, Length, nameof(pages));
        foreach (int page in pages)
        {
            _pool.Pages.Share(page);
            _pages.Add(page);
        }

        recurrent.CopyTo(_recurrent);
        Length += tokens;
    }

    /// <summary>Uses another page that holds the same as one of its own.</summary>
    /// <param name="place">Which of its pages.</param>
    /// <param name="page">The other.</param>
    public void Replace(int place, int page)
    {
        if (_pages[place] == page)
            return;
        _pool.Pages.Share(page);
        _pool.Pages.Return(_pages[place]);
        _pages[place] = page;
    }

    /// <summary>Gives back the pages that were reserved and not used.</summary>
    public void Trim() => ReturnFrom((Length + PageTokens - 1) / PageTokens);

    /// <summary>Counts tokens whose keys and states have been written.</summary>
    public void Advance(int tokens) => Length += tokens;

    /// <summary>Writes one token's keys and values of a mixer.</summary>
    public void Write(int mixer, int position, ReadOnlySpan<float> keys, ReadOnlySpan<float> values) =>
        Store.Write(_pages[position / PageTokens], position % PageTokens, Layer(mixer), keys, values);

    /// <summary>A second sequence that begins like this one; pages are shared until one of the two writes to them.</summary>
    public SequenceState Fork()
    {
        var copy = new SequenceState(_pool) { Length = Length, Source = Source?.Fork() };
        foreach (int page in _pages)
        {
            _pool.Pages.Share(page);
            copy._pages.Add(page);
        }

        _recurrent.CopyTo(copy._recurrent, 0);
        return copy;
    }

    /// <summary>Of a tree's tokens keeps one branch: its keys and values move to where they would lie alone.</summary>
    /// <param name="tokens">How many the tree has; they are the last of the sequence.</param>
    /// <param name="branch">The places in the tree of those to keep, each the child of the one before.</param>
    public void Keep(int tokens, ReadOnlySpan<int> branch)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)tokens, (uint)Length);
        int start = Length - tokens;
        for (int i = 0; i < branch.Length; i++)
        {
            if (branch[i] != i)
                Store.Move(Place(start + branch[i]), Place(start + i));
        }

        Truncate(start + branch.Length, []);

        (int Page, int Slot) Place(int token) => (_pages[token / PageTokens], token % PageTokens);
    }

    /// <summary>Forgets the tokens from <paramref name="length"/> on; recurrent states must be given as they were then.</summary>
    /// <param name="length">Tokens to keep, at most <see cref="Length"/>.</param>
    /// <param name="recurrent">All recurrent states after that many tokens; empty if the model has none.</param>
    public void Truncate(int length, ReadOnlySpan<float> recurrent)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length);
        ReturnFrom((length + PageTokens - 1) / PageTokens);
        recurrent.CopyTo(_recurrent);
        if (length == 0)
            Array.Clear(_recurrent);
        Length = length;
    }

    /// <summary>Gives its pages back.</summary>
    public void Dispose()
    {
        Source?.Dispose();
        Source = null;
        Truncate(0, []);
    }

    private bool Copies(int tokens) =>
        tokens > 0 && Length % PageTokens != 0 && _pool.Pages.IsShared(_pages[Length / PageTokens]);

    private void ReturnFrom(int place)
    {
        while (_pages.Count > place)
        {
            _pool.Pages.Return(_pages[^1]);
            _pages.RemoveAt(_pages.Count - 1);
        }
    }
}
