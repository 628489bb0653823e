namespace Thimble.Sampling;

/// <summary>Token sequences over which DRY counts no repetition: each a head token and the tail that must follow it.</summary>
/// <remarks>A breaker's text rarely is one token: it may lie inside a longer one, or begin at the end of one and go on in the next.
/// Source: llama.cpp, <c>get_overlapping_token_sequences</c>, for the rule.</remarks>
internal sealed class DryBreakers
{
    private const int LongestText = 40, LongestTail = 20;   // llama.cpp's limits

    private readonly Dictionary<int, List<int[]>> _tails = [];

    /// <summary>No breakers.</summary>
    public static DryBreakers None { get; } = new([]);

    /// <summary>Breakers given as tokens.</summary>
    /// <param name="sequences">Each at least one token long.</param>
    public DryBreakers(IEnumerable<int[]> sequences)
    {
        foreach (int[] sequence in sequences)
            Add(sequence[0], sequence[1..]);
    }

    /// <summary>Breakers given as texts.</summary>
    /// <param name="breakers">The texts.</param>
    /// <param name="vocabulary">Tokens in the vocabulary.</param>
    /// <param name="textOf">The text of one token.</param>
    /// <param name="tokensOf">The tokens of a text, without any mark of a beginning.</param>
    /// <remarks>Cost: reads the whole vocabulary once; make it once for a model.</remarks>
    public static DryBreakers Of(IReadOnlyList<string> breakers, int vocabulary, Func<int, string> textOf, Func<string, IReadOnlyList<int>> tokensOf)
    {
        DryBreakers found = new([]);
        for (int id = 0; id < vocabulary; id++)
        {
            string text = textOf(id);
            foreach (string breaker in breakers)
                found.AddOverlaps(id, text, breaker.Length > LongestText ? breaker[..LongestText] : breaker, tokensOf);
        }

        return found;
    }

    /// <summary>Whether a token is a breaker by itself.</summary>
    public bool IsBreaker(int token) => _tails.TryGetValue(token, out List<int[]>? tails) && tails.Exists(tail => tail.Length == 0);

    /// <summary>How many of the latest tokens follow the last breaker; all of them if there is none.</summary>
    /// <param name="tokens">Oldest first, shape [tokens].</param>
    public int LengthAfter(ReadOnlySpan<int> tokens)
    {
        for (int i = 0; _tails.Count > 0 && i < tokens.Length; i++)
        {
            if (!_tails.TryGetValue(tokens[^(i + 1)], out List<int[]>? tails))
                continue;

            int longest = -1;
            foreach (int[] tail in tails)
            {
                if (tail.Length > longest && tokens[^i..].StartsWith(tail))
                    longest = tail.Length;
            }

            if (longest >= 0)
                return i - longest;
        }

        return tokens.Length;
    }

    private void AddOverlaps(int id, string text, string breaker, Func<string, IReadOnlyList<int>> tokensOf)
    {
        if (text.Contains(breaker, StringComparison.Ordinal))
        {
            Add(id, []);
            return;
        }

        for (int length = Math.Min(breaker.Length - 1, text.Length); length > 0; length--)
        {
            if (text.EndsWith(breaker[..length], StringComparison.Ordinal))
                Add(id, [.. tokensOf(breaker[length..]).Take(LongestTail)]);
        }
    }

    private void Add(int head, int[] tail)
    {
        if (!_tails.TryGetValue(head, out List<int[]>? tails))
            _tails.Add(head, tails = []);
        if (!tails.Exists(known => known.AsSpan().SequenceEqual(tail)))
            tails.Add(tail);
    }
}
