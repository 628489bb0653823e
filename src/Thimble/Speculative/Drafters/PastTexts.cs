namespace Thimble.Speculative;

/// <summary>Tokens of texts that were written before, one after the other with a break between, within a budget of memory.</summary>
/// <remarks>When the budget is spent, the older half of the texts is forgotten. Not for several threads.</remarks>
/// <param name="most">The most tokens kept.</param>
internal sealed class PastTexts(int most = 1 << 17)
{
    /// <summary>What one token costs on the mean: up to two states and three ways of the automaton.</summary>
    public const int BytesPerToken = 160;

    private int _breaks;

    /// <summary>The texts; breaks are numbers below 0, no two alike.</summary>
    public SuffixAutomaton Text { get; private set; } = new();

    /// <summary>Changes when texts were forgotten, and places of them mean others now.</summary>
    public int Generation { get; private set; }

    /// <summary>Adds a text.</summary>
    public void Add(ReadOnlySpan<int> tokens)
    {
        if (tokens.Length == 0 || tokens.Length >= most)
            return;
        if (Text.Length + tokens.Length >= most)
            Forget();
        foreach (int token in tokens)
            Text.Append(token);
        Text.Append(-1 - _breaks++);
    }

    private void Forget()
    {
        var kept = new SuffixAutomaton();
        ReadOnlySpan<int> old = Text.Tokens;
        int from = old.Length / 2;
        while (from < old.Length && old[from] >= 0)
            from++;
        for (int i = from + 1; i < old.Length; i++)
            kept.Append(old[i]);
        (Text, Generation) = (kept, Generation + 1);
    }
}
