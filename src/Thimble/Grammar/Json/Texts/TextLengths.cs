namespace Thimble.Grammar;

/// <summary>How many more characters a text needs in each place of an automaton: so that they can be counted beside it, instead of in it, where every
/// count would make a place of its own.</summary>
internal sealed class TextLengths
{
    private const int MostPlaces = 2048, MostSteps = 2_000_000, None = int.MaxValue;

    private readonly Dictionary<(State Place, State Text), int> _numbers = [];
    private readonly List<(State Place, State Text)> _places = [];
    private readonly List<List<int>> _next = [];
    private readonly List<bool> _ends = [];
    private int[] _needed = [];

    private TextLengths()
    {
    }

    /// <summary>The most that is needed anywhere behind the start.</summary>
    public int MostNeeded { get; private set; }

    /// <summary>Finds them.</summary>
    /// <param name="start">Texts behind the opening quote, up to the closing one.</param>
    /// <param name="least">The least count of characters.</param>
    /// <param name="most">The greatest.</param>
    /// <returns>Null where counting beside does not do: there are too many places, or from some of them a text may come to no count between.</returns>
    public static TextLengths? Of(State start, int least, int most)
    {
        var lengths = new TextLengths();
        return lengths.Explore(start) && lengths.Measure() && lengths.CanReach(least, most) ? lengths : null;
    }

    /// <summary>The least count of characters still to begin.</summary>
    /// <param name="place">The place in the automaton.</param>
    /// <param name="text">The place in <see cref="JsonParts.FreeText"/>, which tells characters apart.</param>
    public int Needed(State place, State text) => _needed[_numbers[(place, text)]];

    private bool IsBetween(int place) => ReferenceEquals(_places[place].Text, JsonParts.FreeText);

    private int Weight(int place) => IsBetween(place) ? 1 : 0;

    private bool Explore(State start)
    {
        Number(start, JsonParts.FreeText);
        for (int at = 0; at < _places.Count; at++)
        {
            (State place, State text) = _places[at];
            HashSet<int> next = [];
            for (int value = 0; value < 256; value++)
            {
                State after = place[(byte)value], behind = text[(byte)value];
                if (ReferenceEquals(after, State.Dead))
                    continue;
                if (after.HasExits || !after.IsFree || after.IsFinal != behind.IsFinal || ReferenceEquals(behind, State.Dead))
                    return false;
                if (after.IsFinal)
                    _ends[at] = true;
                else
                    next.Add(Number(after, behind));
            }

            if (_places.Count > MostPlaces)
                return false;
            _next[at].AddRange(next);
        }

        return true;
    }

    private int Number(State place, State text)
    {
        if (_numbers.TryGetValue((place, text), out int known))
            return known;
        _places.Add((place, text));
        _next.Add([]);
        _ends.Add(false);
        return _numbers[(place, text)] = _places.Count - 1;
    }

    /// <summary>Finds what each place needs.</summary>
    /// <returns>Whether each comes to an end.</returns>
    private bool Measure()
    {
        _needed = [.. _ends.Select(ends => ends ? 0 : None)];
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int place = _places.Count - 1; place >= 0; place--)
            {
                foreach (int next in _next[place])
                {
                    if (_needed[next] == None || _needed[next] + Weight(place) >= _needed[place])
                        continue;
                    _needed[place] = _needed[next] + Weight(place);
                    changed = true;
                }
            }
        }

        foreach (int place in _next.SelectMany(static next => next))
            MostNeeded = Math.Max(MostNeeded, _needed[place]);
        return !_needed.Contains(None);
    }

    /// <summary>Whether from every place that a text may have come to with too few characters it can come to an end between the bounds.</summary>
    private bool CanReach(int least, int most)
    {
        if (_needed[0] > most)
            return false;
        if (least == 0)
            return true;
        int[] begun = Begun();
        int slack = Math.Min(most - least, _places.Count), rounds = least + slack, edges = _next.Sum(static next => next.Count);
        if (slack < 0 || (long)rounds * edges > MostSteps)
            return false;
        bool[][] exact = Exact(rounds);
        for (int place = 0; place < _places.Count; place++)
        {
            for (int missing = least - begun[place]; missing > 0 && IsBetween(place); missing--)
            {
                int length = missing;
                while (length <= missing + slack && !exact[length][place])
                    length++;
                if (length > missing + slack)
                    return false;
            }
        }

        return true;
    }

    /// <summary>The fewest characters with which each place is come to.</summary>
    private int[] Begun()
    {
        int[] begun = [.. _places.Select(static (_, place) => place == 0 ? 0 : None)];
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int place = 0; place < _places.Count; place++)
            {
                foreach (int next in _next[place])
                {
                    if (begun[place] == None || begun[place] + Weight(place) >= begun[next])
                        continue;
                    begun[next] = begun[place] + Weight(place);
                    changed = true;
                }
            }
        }

        return begun;
    }

    /// <summary>By count and place, whether a text may end with just so many characters more.</summary>
    private bool[][] Exact(int most)
    {
        bool[][] exact = new bool[most + 1][];
        for (int count = 0; count <= most; count++)
        {
            bool[] now = exact[count] = new bool[_places.Count];
            for (int place = 0; place < now.Length; place++)
                now[place] = count == 0 && _ends[place];
            for (bool changed = true; changed;)
            {
                changed = false;
                for (int place = 0; place < now.Length; place++)
                {
                    bool[]? then = !IsBetween(place) ? now : count == 0 ? null : exact[count - 1];
                    if (now[place] || then is null || !_next[place].Exists(next => then[next]))
                        continue;
                    changed = now[place] = true;
                }
            }
        }

        return exact;
    }
}
