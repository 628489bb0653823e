namespace Thimble;

/// <summary>What came of guessing several tokens of a text at once.</summary>
/// <param name="Steps">Steps in which tokens were guessed.</param>
/// <param name="Drafted">Tokens guessed.</param>
/// <param name="Accepted">Tokens among them that were right.</param>
/// <param name="Saved">Time saved, as steps cost on this machine; below zero where guessing cost time.</param>
public readonly record struct DraftStatistics(int Steps, int Drafted, int Accepted, TimeSpan Saved)
{
    /// <summary>Tokens that a step with guesses gave on the mean; 0 where there was none.</summary>
    public double MeanLength => Steps == 0 ? 0 : 1 + ((double)Accepted / Steps);
}
