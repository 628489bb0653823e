using System.Numerics;
using System.Text;

namespace Thimble.Grammar;

/// <summary>One way for an object to be: its keys by name, its other keys by the patterns they match, and what their values are like.</summary>
internal sealed class ObjectShape
{
    private const int MostPatterns = 8, MostExists = 4, FewKeys = 64;

    private readonly ValueDemands _demands;
    private readonly ObjectDemand _way;
    private readonly Demand?[] _named;
    private readonly Demand?[] _other;   // by the set of patterns that a key matches
    private readonly bool?[] _isNamedAlive;
    private readonly Dictionary<(int, int), Demand> _withExists = [];
    private readonly Dictionary<KeyPlace, KeyState> _keys = [];

    /// <summary>Prepares a way.</summary>
    /// <exception cref="CapacityException">It has too many patterns.</exception>
    /// <exception cref="NotSupportedException">What must be there cannot be told apart from what may.</exception>
    public ObjectShape(ValueDemands demands, ObjectDemand way)
    {
        (_demands, _way) = (demands, way);
        Patterns = [.. way.Members.Select(members => members.Keys).Concat(way.Exists.Select(exists => exists.Keys)).SelectMany(keys => keys.AllPatterns).Distinct()];
        if (Patterns.Length > MostPatterns)
            throw new CapacityException($"The schema puts {Patterns.Length} patterns on the keys of one object; allowed are {MostPatterns}.", Patterns.Length, MostPatterns);
        if (way.Exists.Count > MostExists || (way.Exists.Count > 0 && way.Most < Term.Unbounded))
            throw new NotSupportedException("The schema's 'not', 'oneOf' or 'if' asks for an object with a key it does not name (the opposite of 'additionalProperties', 'patternProperties' or 'propertyNames'), together with 'maxProperties' or several such keys; that is not supported.");
        _other = new Demand?[1 << Patterns.Length];
        HashSet<string> names = [.. way.Required, .. way.Members.Concat(way.Exists).SelectMany(members => members.Keys.AllNames)];
        if (Patterns.Length > 0 && FewOthers(names) is { } few)
            names.UnionWith(few);
        (string Name, byte[] Spelled)[] sorted = [.. names.Select(name => (name, demands.Spelling.Write(name)))];
        Array.Sort(sorted, static (x, y) => x.Spelled.AsSpan().SequenceCompareTo(y.Spelled));
        (Names, Spelled) = ([.. sorted.Select(name => name.Name)], [.. sorted.Select(name => name.Spelled)]);
        (_named, _isNamedAlive) = (new Demand?[Names.Length], new bool?[Names.Length]);
        Required = new ulong[(Names.Length + 63) / 64];
        foreach (string name in way.Required)
        {
            int at = Array.IndexOf(Names, name);
            Required[at >> 6] |= 1UL << (at & 63);
        }
    }

    /// <summary>Keys that are spoken of by name, in the order of their bytes.</summary>
    public string[] Names { get; }

    /// <summary>The names as they are written.</summary>
    public byte[][] Spelled { get; }

    /// <summary>The patterns on keys.</summary>
    public Term[] Patterns { get; }

    /// <summary>The names that must be there, one bit each.</summary>
    public ulong[] Required { get; }

    /// <summary>The least count of members.</summary>
    public int Least => _way.Least;

    /// <summary>The greatest.</summary>
    public int Most => _way.Most;

    /// <summary>How many kinds of members must be there without being named.</summary>
    public int ExistsCount => _way.Exists.Count;

    /// <summary>Whether any key at all may be an other one.</summary>
    public bool TakesAnyKey => field || (field = Patterns.Length == 0 && Other(0) is not null);

    /// <summary>Any key with its closing quote.</summary>
    public State AnyText => _demands.Spelling.IsTagged ? JsonParts.TaggedText : JsonParts.PlainText;

    /// <summary>The pool of terms.</summary>
    public Terms Terms => _demands.Spelling.Terms;

    /// <summary>Where the reading of a key begins.</summary>
    public KeyState Start
    {
        get
        {
            lock (_demands)
                return field ??= new(this);
        }
    }

    /// <summary>The one state of a place.</summary>
    public KeyState Intern(KeyPlace place, Func<ObjectShape, KeyPlace, KeyState> make)
    {
        lock (_keys)
            return _keys.TryGetValue(place, out KeyState? known) ? known : _keys[place] = make(this, place);
    }

    /// <summary>The language of other keys, where there are patterns; null where there is no other key.</summary>
    public State? OtherKeys
    {
        get
        {
            if (Patterns.Length == 0)
                return Other(0) is null ? null : _demands.Spelling.IsTagged ? JsonParts.TaggedKey : JsonParts.Key;
            State start = new Automaton(Terms, OtherLanguage(Names)).Start;
            return ReferenceEquals(start, State.Dead) ? null : start;
        }
    }

    /// <summary>Whether there is an object of this shape.</summary>
    public bool IsAlive()
    {
        if (Least > Most || CountRequired() > Most)
            return false;
        for (int i = 0; i < Names.Length; i++)
        {
            if (IsRequired(i) && !IsNamedAlive(i))
                return false;
        }

        for (int exists = 0; exists < ExistsCount; exists++)
        {
            if (!CanExist(exists, []))
                return false;
        }

        return Least <= CountRequired() || OtherKeys is not null || Least <= Enumerable.Range(0, Names.Length).Count(IsNamedAlive);
    }

    /// <summary>Whether a name must be there.</summary>
    public bool IsRequired(int name) => (Required[name >> 6] >> (name & 63) & 1) != 0;

    /// <summary>Whether a name may be there.</summary>
    public bool IsNamedAlive(int name)
    {
        if (_isNamedAlive[name] is { } known)
            return known;
        bool alive = _demands.IsAlive(Named(name));
        if (alive || Named(name).IsAlive is not null)
            _isNamedAlive[name] = alive;
        return alive;
    }

    /// <summary>What another key's value is like; null where it may not be there.</summary>
    /// <param name="matched">The patterns that the key matches, one bit each.</param>
    public Demand? Other(int matched)
    {
        Demand demand = _other[matched] ??= _demands.All(_way.Members.Where(members => members.Keys.ContainsOther(pattern => Matches(matched, pattern))).Select(members => members.Values));
        return _demands.IsAlive(demand) ? demand : null;
    }

    /// <summary>What a named key's value is like.</summary>
    public Demand Named(int name)
    {
        string text = Names[name];
        return _named[name] ??= _demands.All(_way.Members.Where(members => members.Keys.Contains(text, pattern => MatchesName(name, pattern))).Select(members => members.Values));
    }

    /// <summary>The needs without a name that a member may fill.</summary>
    /// <param name="label">The key's label.</param>
    public int Fills(int label)
    {
        int fills = 0;
        for (int i = 0; i < ExistsCount; i++)
        {
            KeySet keys = _way.Exists[i].Keys;
            bool isIn = label < Names.Length
                ? keys.Contains(Names[label], pattern => MatchesName(label, pattern))
                : keys.ContainsOther(pattern => Matches(label - Names.Length, pattern));
            fills |= isIn ? 1 << i : 0;
        }

        return fills;
    }

    /// <summary>What a member's value is like that fills some needs.</summary>
    /// <returns>Null where no value is so.</returns>
    public ValueRule? Value(int label, int fills)
    {
        lock (_demands)
        {
            if (!_withExists.TryGetValue((label, fills), out Demand? demand))
            {
                demand = label < Names.Length ? Named(label) : Other(label - Names.Length) ?? _demands.Nothing;
                for (int i = 0; i < ExistsCount; i++)
                {
                    if ((fills >> i & 1) != 0)
                        demand = _demands.All([demand, _way.Exists[i].Values]);
                }

                _withExists[(label, fills)] = demand;
            }

            return _demands.IsAlive(demand) ? demand.Rule : null;
        }
    }

    /// <summary>Whether a need without a name can still be filled.</summary>
    /// <param name="exists">The need.</param>
    /// <param name="seen">The names that have come.</param>
    public bool CanExist(int exists, ReadOnlySpan<ulong> seen)
    {
        for (int label = 0; label < Names.Length; label++)
        {
            bool isSeen = !seen.IsEmpty && (seen[label >> 6] >> (label & 63) & 1) != 0;
            if (!isSeen && (Fills(label) >> exists & 1) != 0 && Value(label, 1 << exists) is not null)
                return true;
        }

        for (int matched = 0; matched < 1 << Patterns.Length; matched++)
        {
            if ((Fills(Names.Length + matched) >> exists & 1) != 0 && Other(matched) is not null && HasKeys(matched) && Value(Names.Length + matched, 1 << exists) is not null)
                return true;
        }

        return false;
    }

    /// <summary>All rules that values follow.</summary>
    public IEnumerable<ValueRule> Rules() =>
        Enumerable.Range(0, Names.Length).Where(IsNamedAlive).Select(name => Named(name).Rule)
            .Concat(Enumerable.Range(0, 1 << Patterns.Length).Select(Other).OfType<Demand>().Select(demand => demand.Rule));

    private int CountRequired()
    {
        int count = 0;
        foreach (ulong word in Required)
            count += BitOperations.PopCount(word);
        return count;
    }

    private bool Matches(int matched, Term pattern) => (matched >> Array.IndexOf(Patterns, pattern) & 1) != 0;

    private bool MatchesName(int name, Term pattern)
    {
        foreach (byte value in Spelled[name])
            pattern = Terms.After(pattern, value);
        return pattern.IsNullable;
    }

    private bool HasKeys(int matched) => Patterns.Length == 0 || Terms.IsAlive(Class(matched, Names));

    /// <summary>The keys beside the named ones that match just these patterns.</summary>
    private Term Class(int matched, IReadOnlyCollection<string> names) => Terms.Both(
    [
        _demands.Spelling.AnyText,
        Terms.Not(Terms.Literals(names.Select(_demands.Spelling.Write))),
        .. Patterns.Select((pattern, i) => (matched >> i & 1) != 0 ? pattern : Terms.Not(pattern)),
    ]);

    /// <summary>The keys beside the named ones that may be there. Patterns on which that does not hang are left out: every one of them would double the formula.</summary>
    private Term OtherLanguage(IReadOnlyCollection<string> names)
    {
        bool[] alive = [.. Enumerable.Range(0, 1 << Patterns.Length).Select(matched => Other(matched) is not null)];
        int[] telling = [.. Enumerable.Range(0, Patterns.Length).Where(bit => Enumerable.Range(0, alive.Length).Any(matched => alive[matched] != alive[matched ^ (1 << bit)]))];
        IEnumerable<Term> choices = Enumerable.Range(0, 1 << telling.Length).Where(set => alive[Matched(set)])
            .Select(set => Terms.Both(telling.Select((bit, i) => (set >> i & 1) != 0 ? Patterns[bit] : Terms.Not(Patterns[bit]))));
        return Terms.Both(_demands.Spelling.AnyText, Terms.Not(Terms.Literals(names.Select(_demands.Spelling.Write))), Terms.Choice(choices));

        int Matched(int set) => telling.Select((bit, i) => (set >> i & 1) << bit).Sum();
    }

    /// <summary>The other keys, if they are few: they are better called by name.</summary>
    private List<string>? FewOthers(HashSet<string> names)
    {
        State start = new Automaton(Terms, OtherLanguage(names)).Start;
        if (ReferenceEquals(start, State.Dead) || start.Size > FewKeys)
            return null;
        List<string> keys = [];
        Spell(start, [], keys);
        return keys;

        static void Spell(State state, byte[] text, List<string> keys)
        {
            if (state.Accepts)
                keys.Add(System.Text.Json.Nodes.JsonNode.Parse($"\"{Encoding.UTF8.GetString(text)}\"")!.GetValue<string>());
            for (int value = 0; value < 256; value++)
            {
                State next = state[(byte)value];
                if (!ReferenceEquals(next, State.Dead))
                    Spell(next, [.. text, (byte)value], keys);
            }
        }
    }
}
