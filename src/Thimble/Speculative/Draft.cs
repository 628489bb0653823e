using System.Runtime.InteropServices;

namespace Thimble.Speculative;

/// <summary>A guess of what comes next: a tree of tokens, parents first, whose roots follow the text.</summary>
/// <remarks>Reused from step to step, so that guessing allocates nothing.</remarks>
internal sealed class Draft
{
    private readonly List<DraftToken> _tokens = [];
    private readonly List<(int Token, double Reach)> _ranks = [];
    private readonly List<int> _places = [];

    /// <summary>The most tokens it may have.</summary>
    public int Room { get; private set; }

    /// <summary>Whether tokens may have siblings.</summary>
    public bool Branches { get; private set; }

    /// <summary>How likely a token must be to be reached for it to be worth its place.</summary>
    public double LeastReach { get; private set; }

    /// <summary>Tokens.</summary>
    public int Count => _tokens.Count;

    /// <summary>Whether there is room for none.</summary>
    public bool IsFull => Count >= Room;

    /// <summary>The tokens, parents first.</summary>
    public ReadOnlySpan<DraftToken> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>A token.</summary>
    public DraftToken this[int place] => _tokens[place];

    /// <summary>Begins anew.</summary>
    /// <param name="room">The most tokens.</param>
    /// <param name="branches">Whether tokens may have siblings.</param>
    /// <param name="leastReach">How likely a token must be to be reached for it to be worth its place, in [0, 1].</param>
    public void Clear(int room, bool branches, double leastReach = 0)
    {
        _tokens.Clear();
        (Room, Branches, LeastReach) = (room, branches, leastReach);
    }

    /// <summary>Adds a token, unless the same one follows there already.</summary>
    /// <param name="parent">The place of the token that it follows; −1 for the text.</param>
    /// <param name="id">The token.</param>
    /// <param name="confidence">How likely its drafter finds it, given its parent, in [0, 1].</param>
    /// <returns>Its place, or −1 if it has none: the draft is full, or it would be a sibling where none may be.</returns>
    public int Add(int parent, int id, double confidence)
    {
        int known = Child(parent, id);
        if (known >= 0)
            return known;
        if (IsFull || (!Branches && parent != Count - 1))
            return -1;

        confidence = Math.Clamp(confidence, 0, 1);
        (int depth, double reach) = parent < 0 ? (0, 1) : (_tokens[parent].Depth + 1, _tokens[parent].Reach);
        _tokens.Add(new(id, parent, depth, confidence, reach * confidence));
        return Count - 1;
    }

    /// <summary>The place of a token's child, or −1.</summary>
    /// <param name="parent">A place; −1 for the text.</param>
    /// <param name="id">The child.</param>
    public int Child(int parent, int id)
    {
        ReadOnlySpan<DraftToken> tokens = Tokens;
        for (int i = parent + 1; i < tokens.Length; i++)
        {
            if (tokens[i].Parent == parent && tokens[i].Id == id)
                return i;
        }

        return -1;
    }

    /// <summary>Says how likely every token is to be reached, given what confidences were worth so far.</summary>
    /// <param name="worth">From a confidence to the share of such guesses that were right.</param>
    public void Judge(Func<double, double> worth)
    {
        Span<DraftToken> tokens = CollectionsMarshal.AsSpan(_tokens);
        foreach (ref DraftToken token in tokens)
            token = token with { Reach = (token.Parent < 0 ? 1 : tokens[token.Parent].Reach) * worth(token.Confidence) };
    }

    /// <summary>The tokens' reaches, greatest first; of equal ones that of the earlier token.</summary>
    public ReadOnlySpan<(int Token, double Reach)> Ranks()
    {
        _ranks.Clear();
        for (int i = 0; i < Count; i++)
            _ranks.Add((i, _tokens[i].Reach));
        _ranks.Sort(static (a, b) => a.Reach != b.Reach ? b.Reach.CompareTo(a.Reach) : a.Token.CompareTo(b.Token));
        return CollectionsMarshal.AsSpan(_ranks);
    }

    /// <summary>Keeps the tokens most likely to be reached; none is likelier than its parent, so what is kept is a tree.</summary>
    /// <param name="count">How many.</param>
    public void Keep(int count)
    {
        if (count >= Count)
            return;

        _places.Clear();
        for (int i = 0; i < Count; i++)
            _places.Add(-1);
        foreach ((int token, _) in Ranks()[..count])
            _places[token] = 0;
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_places[i] < 0)
                continue;
            _places[i] = kept;
            DraftToken token = _tokens[i];
            _tokens[kept++] = token with { Parent = token.Parent < 0 ? -1 : _places[token.Parent] };
        }

        _tokens.RemoveRange(kept, Count - kept);
    }

    /// <summary>Writes the token ids.</summary>
    public void CopyIds(Span<int> ids)
    {
        for (int i = 0; i < Count; i++)
            ids[i] = _tokens[i].Id;
    }
}

/// <summary>A token of a draft.</summary>
/// <param name="Id">The token.</param>
/// <param name="Parent">The place of the token that it follows; −1 for the text.</param>
/// <param name="Depth">Tokens between it and the text.</param>
/// <param name="Confidence">How likely its drafter finds it, given its parent.</param>
/// <param name="Reach">How likely it is that all up to it are right.</param>
internal readonly record struct DraftToken(int Id, int Parent, int Depth, double Confidence, double Reach);
