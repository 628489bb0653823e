namespace Thimble.Lab.Training;

/// <summary>Words as rows of symbols, and how often each pair of neighbours stands in them, kept up as pairs become one.</summary>
/// <remarks>After a merge only the words that held the pair are looked at again, so that a merge costs what it changes.</remarks>
internal sealed class PairCounts
{
    private readonly int[] _symbols;   // all words end to end; a word shrinks where it lies
    private readonly int[] _starts, _lengths;
    private readonly long[] _times;
    private readonly Dictionary<ulong, Pair> _pairs = [];
    private readonly PriorityQueue<ulong, (long Count, ulong Pair)> _queue = new(new MostFirst());
    private readonly HashSet<ulong> _grown = [];

    /// <summary>Counts the pairs of words.</summary>
    /// <param name="words">The words.</param>
    /// <param name="firstByte">The symbol of byte 0; the others follow.</param>
    public PairCounts(WordCounts words, int firstByte)
    {
        (_starts, _lengths, _times) = (new int[words.Count], new int[words.Count], new long[words.Count]);
        List<int> symbols = [];
        for (int word = 0; word < words.Count; word++)
        {
            (_starts[word], _lengths[word], _times[word]) = (symbols.Count, words.Word(word).Length, words.Times(word));
            foreach (byte value in words.Word(word))
                symbols.Add(firstByte + value);
        }

        _symbols = [.. symbols];
        for (int word = 0; word < words.Count; word++)
            Count(word, +1, made: null);
        Enqueue();
    }

    /// <summary>Symbols of all words, each counted as often as its word stands in the texts.</summary>
    public long Symbols
    {
        get
        {
            long sum = 0;
            for (int word = 0; word < _lengths.Length; word++)
                sum += _lengths[word] * _times[word];
            return sum;
        }
    }

    /// <summary>The pair that stands most often; of several that do, the one of the lowest symbols, the left one first.</summary>
    /// <param name="least">Times it must stand at least.</param>
    /// <returns>The pair, or null if none stands that often.</returns>
    public (int Left, int Right)? Best(long least)
    {
        while (_queue.TryDequeue(out ulong pair, out (long Count, ulong) then))
        {
            long now = _pairs[pair].Count;
            if (now == then.Count)
                return now >= least ? ((int)(pair >> 32), (int)(uint)pair) : null;
            if (now > 0 && now < then.Count)
                _queue.Enqueue(pair, (now, pair));
        }

        return null;
    }

    /// <summary>Makes a pair one symbol in all words, from left to right.</summary>
    public void Merge(int left, int right, int made)
    {
        foreach (int word in _pairs[Key(left, right)].Words)
        {
            if (!Holds(word, left, right))
                continue;   // an earlier merge has taken one of the two
            Count(word, -1, made: null);
            Shrink(word, left, right, made);
            Count(word, +1, made);
        }

        Enqueue();
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private ReadOnlySpan<int> Word(int word) => _symbols.AsSpan(_starts[word], _lengths[word]);

    private bool Holds(int word, int left, int right)
    {
        ReadOnlySpan<int> symbols = Word(word);
        for (int i = 1; i < symbols.Length; i++)
        {
            if (symbols[i - 1] == left && symbols[i] == right)
                return true;
        }

        return false;
    }

    private void Shrink(int word, int left, int right, int made)
    {
        Span<int> symbols = _symbols.AsSpan(_starts[word], _lengths[word]);
        int kept = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            bool pair = i + 1 < symbols.Length && symbols[i] == left && symbols[i + 1] == right;
            symbols[kept++] = pair ? made : symbols[i];
            i += pair ? 1 : 0;
        }

        _lengths[word] = kept;
    }

    /// <summary>Adds a word's pairs to the counts, or takes them away.</summary>
    /// <param name="word">The word.</param>
    /// <param name="sign">1 or −1.</param>
    /// <param name="made">The symbol whose pairs are new in the word; null for all of them, or none when taking away.</param>
    private void Count(int word, int sign, int? made)
    {
        ReadOnlySpan<int> symbols = Word(word);
        for (int i = 1; i < symbols.Length; i++)
        {
            ulong key = Key(symbols[i - 1], symbols[i]);
            if (!_pairs.TryGetValue(key, out Pair? pair))
                _pairs.Add(key, pair = new Pair());
            pair.Count += sign * _times[word];
            if (sign < 0 || (made is { } symbol && symbols[i - 1] != symbol && symbols[i] != symbol))
                continue;
            _grown.Add(key);
            if (pair.Words.Count == 0 || pair.Words[^1] != word)
                pair.Words.Add(word);
        }
    }

    private void Enqueue()
    {
        foreach (ulong pair in _grown)
            _queue.Enqueue(pair, (_pairs[pair].Count, pair));
        _grown.Clear();
    }

    private sealed class Pair
    {
        public long Count;
        public readonly List<int> Words = [];   // those that hold it, and some that no longer do
    }

    private sealed class MostFirst : IComparer<(long Count, ulong Pair)>
    {
        public int Compare((long Count, ulong Pair) x, (long Count, ulong Pair) y) =>
            x.Count != y.Count ? y.Count.CompareTo(x.Count) : x.Pair.CompareTo(y.Pair);
    }
}
