using System.Runtime.InteropServices;

namespace Thimble.Speculative;

/// <summary>All parts of a growing text, so that the longest one which ended it before is found at once.</summary>
/// <remarks>
/// <para>Every state stands for parts that occur at the same places; its link leads to the longest shorter end of them that occurs
/// elsewhere too. A token more costs a constant time on the mean; at most two states a token.</para>
/// <para>Source: Blumer et al., "The smallest automaton recognizing the subwords of a text", 1985; as a drafter: Hu et al.,
/// "SAM Decoding", 2024, section 3.</para>
/// </remarks>
internal sealed class SuffixAutomaton
{
    private const int MostLinks = 24;   // links whose places are kept up to date by a token; beyond them an older place serves as well

    private readonly List<State> _states = [State.Empty];
    private readonly List<(int Token, int To, int Other)> _ways = [];   // on from a state, each with the number of the state's other ways
    private readonly Dictionary<(int State, int Token), int> _way = [];
    private readonly List<int> _tokens = [];
    private int _last;

    /// <summary>The text.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Tokens of the text.</summary>
    public int Length => _tokens.Count;

    /// <summary>Forgets the text.</summary>
    public void Clear()
    {
        _states.Clear();
        _states.Add(State.Empty);
        _ways.Clear();
        _way.Clear();
        _tokens.Clear();
        _last = 0;
    }

    /// <summary>Adds a token.</summary>
    public void Append(int token)
    {
        _tokens.Add(token);
        int end = _tokens.Count, added = Add(State.Empty with { Length = _states[_last].Length + 1, Link = 0, Latest = end }), at = _last;
        for (; at >= 0 && !_way.ContainsKey((at, token)); at = _states[at].Link)
            Lead(at, token, added);
        if (at >= 0)
            Link(added, at, token);
        _last = added;
        Span<State> states = CollectionsMarshal.AsSpan(_states);
        int links = 0;
        for (int state = states[added].Link; state > 0 && links++ < MostLinks; state = states[state].Link)
            (states[state].Before, states[state].Latest) = (states[state].Latest, end);
    }

    /// <summary>Where the longest end of this text that occurred in it before goes on, and of its shorter ends, each longer match first.</summary>
    /// <param name="shortest">The fewest tokens that count as a match.</param>
    /// <param name="matches">Receives places of the text, each that of the token after a match, and the match's length.</param>
    /// <returns>How many were written; their next tokens may be alike.</returns>
    public int Ends(int shortest, Span<(int Place, int Length)> matches) => Ends(_states[_last].Link, int.MaxValue, shortest, own: true, matches);

    /// <summary>Follows another text by a token.</summary>
    /// <param name="match">Where its longest end lies in this one; default at the start.</param>
    /// <param name="token">Its next token.</param>
    public (int State, int Length) Follow((int State, int Length) match, int token)
    {
        (int state, int length) = match;
        int way;
        while (!_way.TryGetValue((state, token), out way))
        {
            state = _states[state].Link;
            if (state < 0)
                return default;
            length = _states[state].Length;
        }

        return (_ways[way].To, length + 1);
    }

    /// <summary>As <see cref="Ends(int, Span{ValueTuple{int, int}})"/>, of another text that was followed.</summary>
    public int Ends((int State, int Length) match, int shortest, Span<(int Place, int Length)> matches) =>
        Ends(match.State, match.Length, shortest, own: false, matches);

    private int Ends(int state, int longest, int shortest, bool own, Span<(int Place, int Length)> matches)
    {
        int count = 0;
        for (; state > 0 && count < matches.Length; state = _states[state].Link)
        {
            int length = Math.Min(longest, _states[state].Length), place = own ? _states[state].Before : _states[state].Latest;
            if (length < shortest)
                break;
            if (place < Length && (count == 0 || matches[count - 1].Place != place))
                matches[count++] = (place, length);
        }

        return count;
    }

    /// <summary>Links a new state to the longest shorter end, splitting the state that holds it among longer ones.</summary>
    private void Link(int added, int at, int token)
    {
        int found = _ways[_way[(at, token)]].To;
        if (_states[found].Length == _states[at].Length + 1)
        {
            _states[added] = _states[added] with { Link = found };
            return;
        }

        int copy = Add(_states[found] with { Length = _states[at].Length + 1, Way = -1 });
        for (int way = _states[found].Way; way >= 0; way = _ways[way].Other)
            Lead(copy, _ways[way].Token, _ways[way].To);
        for (; at >= 0 && _way.TryGetValue((at, token), out int way) && _ways[way].To == found; at = _states[at].Link)
            _ways[way] = _ways[way] with { To = copy };
        _states[found] = _states[found] with { Link = copy };
        _states[added] = _states[added] with { Link = copy };
    }

    private void Lead(int from, int token, int to)
    {
        _way.Add((from, token), _ways.Count);
        _ways.Add((token, to, _states[from].Way));
        _states[from] = _states[from] with { Way = _ways.Count - 1 };
    }

    private int Add(State state)
    {
        _states.Add(state);
        return _states.Count - 1;
    }

    /// <summary>Parts of the text that occur at the same places.</summary>
    /// <param name="Length">Of the longest.</param>
    /// <param name="Link">The state of the longest shorter end; −1 of the empty one.</param>
    /// <param name="Latest">Tokens before the end of their latest place.</param>
    /// <param name="Before">Likewise of the place before it.</param>
    /// <param name="Way">One of the ways on; −1 for none.</param>
    private record struct State(int Length, int Link, int Latest, int Before, int Way)
    {
        public static readonly State Empty = new(0, -1, 0, 0, -1);
    }
}
