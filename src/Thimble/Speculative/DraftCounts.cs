namespace Thimble.Speculative;

/// <summary>What came of guesses.</summary>
/// <param name="Drafts">Steps in which tokens were guessed.</param>
/// <param name="Drafted">Tokens guessed.</param>
/// <param name="Accepted">Tokens among them that were right.</param>
internal readonly record struct DraftCounts(int Drafts, int Drafted, int Accepted)
{
    /// <summary>One step more.</summary>
    public DraftCounts With(int drafted, int accepted) => new(Drafts + 1, Drafted + drafted, Accepted + accepted);
}
