namespace Thimble.Speculative;

/// <summary>Guesses that what followed the end of the text when it occurred before follows it again: in the text itself, and in texts
/// of sessions past.</summary>
/// <remarks>Source: Saxena, "Prompt Lookup Decoding", 2023; Hu et al., "SAM Decoding", 2024, sections 3.2 and 3.3. We changed: shorter
/// ends of the text that went on otherwise give the branches of a tree.</remarks>
/// <param name="past">Texts of sessions past; null for none.</param>
/// <param name="shortest">The fewest tokens that count as occurring again.</param>
internal sealed class LookupDrafter(PastTexts? past = null, int shortest = 2) : Drafter
{
    private const int MostBranches = 4;

    private readonly SuffixAutomaton _text = new();
    private (int State, int Length) _match;
    private int _generation = -1;

    /// <inheritdoc />
    public override string Name => "lookup";

    /// <inheritdoc />
    public override bool IsFree => true;

    /// <inheritdoc />
    public override void Propose(in DraftPoint point, Draft draft)
    {
        Read(point.Text);
        Span<(int Place, int Length)> matches = stackalloc (int, int)[MostBranches];
        int count = _text.Ends(shortest, matches);
        foreach ((int place, int length) in matches[..count])
            Copy(_text.Tokens[place..], length, draft);
        if (past is null)
            return;

        count = past.Text.Ends(_match, shortest, matches);
        foreach ((int place, int length) in matches[..count])
            Copy(past.Text.Tokens[place..], length, draft);
    }

    /// <inheritdoc />
    public override void Dispose() => past?.Add(_text.Tokens);

    private static void Copy(ReadOnlySpan<int> next, int length, Draft draft)
    {
        int at = -1;
        for (int i = 0; i < next.Length && next[i] >= 0; i++)
        {
            at = draft.Add(at, next[i], Confidence(length + i));
            if (at < 0 || draft[at].Reach < draft.LeastReach / 4)
                return;
        }
    }

    /// <summary>A first guess of how often a match of so many tokens goes on alike; the pace learns how often it really does.</summary>
    private static double Confidence(int length) => 1 - (1.4 / (length + 1.5));

    /// <summary>Reads what has been added to the text; another text is read from its start.</summary>
    private void Read(ReadOnlySpan<int> text)
    {
        if (text.Length < _text.Length || !text[.._text.Length].SequenceEqual(_text.Tokens))
            _text.Clear();
        if (past is not null && (_text.Length == 0 || past.Generation != _generation))
        {
            (_match, _generation) = (default, past.Generation);
            foreach (int token in _text.Tokens)
                _match = past.Text.Follow(_match, token);
        }

        foreach (int token in text[_text.Length..])
        {
            _text.Append(token);
            if (past is not null)
                _match = past.Text.Follow(_match, token);
        }
    }
}
