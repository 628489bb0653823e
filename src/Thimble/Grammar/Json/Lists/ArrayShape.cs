namespace Thimble.Grammar;

/// <summary>One way for a list to be: what its items are like, in front and behind, and how many of some kind there are.</summary>
internal sealed class ArrayShape
{
    private const int MostCounts = 3, MostFront = 20_000;

    private readonly ValueDemands _demands;
    private readonly Demand[] _front;
    private readonly Demand _rest;
    private readonly List<ItemCount> _counts = [];
    private readonly string? _distinct;

    /// <summary>Prepares a way.</summary>
    /// <exception cref="CapacityException">It has too many items of their own.</exception>
    /// <exception cref="NotSupportedException">It counts items in a way that cannot be enforced.</exception>
    public ArrayShape(ValueDemands demands, ArrayDemand way)
    {
        _demands = demands;
        List<(int From, Demand Values)> following = [.. way.Following];
        foreach (ItemCount count in way.Counts)
        {
            if (count.Most == 0)
                following.Add((count.From, demands.Of([(count.Values, true)])));
            else if (count.Least > 0 || count.Most < Term.Unbounded)
                _counts.Add(count);
        }

        int front = Math.Max(way.Single.Select(single => single.Index + 1).DefaultIfEmpty().Max(), following.Select(rest => rest.From).DefaultIfEmpty().Max());
        if (front > MostFront)
            throw new CapacityException($"The schema says of {front} items of a list what each is like; allowed are {MostFront}.", front, MostFront);
        (Least, Most) = (way.Least, way.Most);
        front = Math.Min(front, Most);
        _front = [.. Enumerable.Range(0, front).Select(index => demands.All(
            [.. way.Single.Where(single => single.Index == index).Select(single => single.Values), .. following.Where(rest => rest.From <= index).Select(rest => rest.Values)]))];
        _rest = demands.All(following.Select(rest => rest.Values));
        for (int index = 0; index <= front && index < Most; index++)
        {
            if (!demands.IsAlive(Values(index)))
                Most = index;
        }

        _distinct = Most > 1 ? way.Distinct : null;
        if (_counts.Count > MostCounts || (_counts.Count > 1 && Most < Term.Unbounded))
            throw new NotSupportedException("The schema counts several kinds of items in one list ('contains', or the opposite of 'items') that also has a greatest length; that is not supported.");
    }

    /// <summary>The least count of items.</summary>
    public int Least { get; }

    /// <summary>The greatest.</summary>
    public int Most { get; private set; }

    /// <summary>How many kinds of items are counted.</summary>
    public int Kinds => _counts.Count;

    /// <summary>Whether no two items may be equal.</summary>
    public bool IsDistinct => _distinct is not null;

    /// <summary>Whether there is a list of this shape.</summary>
    public bool IsAlive()
    {
        if (Least > Most)
            return false;
        for (int kind = 0; kind < _counts.Count; kind++)
        {
            if (!CanCount(kind, 0, _counts[kind].Least))
                return false;
        }

        return true;
    }

    /// <summary>Refuses what cannot be enforced, and cuts the greatest count to what there is.</summary>
    /// <exception cref="NotSupportedException">Items that must differ may have parts, or are of several kinds of which some are few.</exception>
    public bool Prepare()
    {
        if (IsDistinct)
            PrepareDistinct();
        for (int kind = 0; kind < _counts.Count; kind++)
        {
            if (_counts[kind].Most == Term.Unbounded)
                continue;
            for (int index = _counts[kind].From; index <= _front.Length && index < Most; index++)
            {
                if (!_demands.IsAlive(_demands.And(Values(index), _counts[kind].Values, not: true)) && Least > 0)
                    throw new NotSupportedException("The schema's 'maxContains' (or the opposite of 'contains') limits items that can be nothing else, beside 'minItems'; that is not supported.");
            }
        }

        return Least <= Most;
    }

    /// <summary>What an item is like.</summary>
    public Demand Values(int index) => index < _front.Length ? _front[index] : _rest;

    /// <summary>What an item is like that is of some kinds, and, where that counts, of no others.</summary>
    /// <param name="index">The item.</param>
    /// <param name="kinds">The kinds it counts for, one bit each.</param>
    /// <param name="counted">How many there are of each kind so far.</param>
    /// <returns>Null where no value is so, or there may be no more of a kind.</returns>
    public ValueRule? Item(int index, int kinds, ReadOnlySpan<int> counted)
    {
        lock (_demands)
        {
            Demand demand = Values(index);
            for (int kind = 0; kind < _counts.Count; kind++)
            {
                ItemCount count = _counts[kind];
                bool counts = (kinds >> kind & 1) != 0, isCounted = index >= count.From;
                if (counts && (!isCounted || counted[kind] >= count.Most || (count.Most == Term.Unbounded && counted[kind] >= count.Least)))
                    return null;
                if (counts)
                    demand = _demands.And(demand, count.Values);
                else if (isCounted && count.Most < Term.Unbounded)
                    demand = _demands.And(demand, count.Values, not: true);
            }

            return _demands.IsAlive(demand) ? demand.Rule : null;
        }
    }

    /// <summary>Whether a list may end.</summary>
    public bool CanClose(int count, ReadOnlySpan<int> counted)
    {
        for (int kind = 0; kind < _counts.Count; kind++)
        {
            if (counted[kind] < _counts[kind].Least)
                return false;
        }

        return count >= Least;
    }

    /// <summary>Whether from some item on there can be enough of each kind.</summary>
    public bool CanStillCount(int index, ReadOnlySpan<int> counted)
    {
        for (int kind = 0; kind < _counts.Count; kind++)
        {
            if (counted[kind] < _counts[kind].Least && !CanCount(kind, index, _counts[kind].Least - counted[kind]))
                return false;
        }

        return true;
    }

    /// <summary>All rules that items follow.</summary>
    public IEnumerable<ValueRule> Rules() => _front.Append(_rest).Where(_demands.IsAlive).Select(demand => demand.Rule);

    private bool CanCount(int kind, int from, int needed)
    {
        ItemCount count = _counts[kind];
        for (int index = Math.Max(from, count.From); index < Most && needed > 0; index++)
        {
            bool fits;
            lock (_demands)
                fits = _demands.IsAlive(_demands.And(Values(index), count.Values));
            if (index >= _front.Length)
                return fits && (Most == Term.Unbounded || needed <= Most - index);
            needed -= fits ? 1 : 0;
        }

        return needed <= 0;
    }

    private void PrepareDistinct()
    {
        long fewest = long.MaxValue;
        foreach (Demand values in _front.Append(_rest).Where(_demands.IsAlive))
        {
            if (_demands.Objects(values).Count + _demands.Arrays(values).Count > 0)
                throw new NotSupportedException($"The schema's 'uniqueItems' at '{_distinct}' is over items that may be objects or lists, which cannot be enforced; it can be for texts, numbers, true, false and null (give 'items' a 'type').");
            fewest = Math.Min(fewest, values.Rule.Distinct.Count);
        }

        if (_front.Length > 0 && Most > 1 && fewest < 1000)
            throw new NotSupportedException($"The schema's 'uniqueItems' at '{_distinct}' is over items that are each of another kind with few values, which cannot be enforced.");
        if (_counts.Count > 0)
            throw new NotSupportedException($"The schema's 'uniqueItems' at '{_distinct}' stands beside 'contains', which cannot be enforced.");
        Most = (int)Math.Min(Most, fewest);
    }
}
