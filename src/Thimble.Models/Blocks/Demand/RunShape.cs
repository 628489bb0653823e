namespace Thimble.Models.Blocks;

/// <summary>What one run is given: sequences side by side, each with new tokens behind those that it has.</summary>
/// <param name="Sequences">Sequences, at least 1.</param>
/// <param name="Tokens">New tokens of each, at least 1.</param>
/// <param name="Past">Tokens that each has already.</param>
internal readonly record struct RunShape(int Sequences, int Tokens, int Past)
{
    /// <summary>New tokens of all sequences.</summary>
    public long Rows => (long)Sequences * Tokens;

    /// <summary>Tokens of each sequence whose scores are wanted.</summary>
    public int Scored { get; init; } = 1;

    /// <summary>Tokens of the text that was read before this one is written; 0 for none.</summary>
    public int Source { get; init; }

    /// <summary>One step of a generation.</summary>
    /// <param name="sequences">Sequences that write.</param>
    /// <param name="past">Tokens that each has.</param>
    public static RunShape Decode(int sequences, int past) => new(sequences, 1, past);

    /// <summary>A prompt that is read in one go.</summary>
    public static RunShape Prefill(int sequences, int tokens) => new(sequences, tokens, 0);
}
