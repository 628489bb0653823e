namespace Thimble.Grammar;

/// <summary>How many texts an automaton takes.</summary>
internal static class StateCount
{
    private const int MostStates = 3000;

    /// <summary>The texts from a state on; <see cref="long.MaxValue"/> for very many.</summary>
    public static long Of(State state)
    {
        Dictionary<State, long> known = [];
        return Count(state, known, 0);
    }

    /// <summary>A sum that stays at its limit.</summary>
    public static long Add(long x, long y) => x > long.MaxValue - y ? long.MaxValue : x + y;

    private static long Count(State state, Dictionary<State, long> known, int depth)
    {
        if (ReferenceEquals(state, State.Dead))
            return 0;
        if (known.TryGetValue(state, out long count))
            return count;
        if (known.Count > MostStates || depth > 1000)
            return long.MaxValue;
        known[state] = long.MaxValue;   // met again within itself, there is no end of texts
        long sum = state.Accepts ? 1 : 0;
        for (int value = 0; value < 256 && sum < long.MaxValue; value++)
            sum = Add(sum, Count(state[(byte)value], known, depth + 1));
        return known[state] = sum;
    }
}
