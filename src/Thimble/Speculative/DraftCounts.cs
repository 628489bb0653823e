namespace Thimble.Speculative;

/// <summary>What came of guesses.</summary>
/// <param name="Drafts">Steps in which tokens were guessed.</param>
/// <param name="Drafted">Tokens guessed.</param>
/// <param name="Accepted">Tokens among them that were right.</param>
/// <param name="Seconds">Time saved, as runs cost here; below 0 where guessing cost time.</param>
internal readonly record struct DraftCounts(int Drafts, int Drafted, int Accepted, double Seconds)
{
    /// <summary>One step more.</summary>
    public DraftCounts With(int drafted, int accepted, double seconds) => new(Drafts + 1, Drafted + drafted, Accepted + accepted, Seconds + seconds);
}
