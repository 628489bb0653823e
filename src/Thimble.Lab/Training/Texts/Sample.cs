namespace Thimble.Lab.Training;

/// <summary>A text to learn from, in tokens.</summary>
/// <param name="Tokens">At least two.</param>
/// <param name="Learnt">Which of them are to be foretold; null for all but the first.</param>
internal sealed record Sample(int[] Tokens, bool[]? Learnt = null)
{
    /// <summary>The text to which this one is preferred; null where nothing is compared.</summary>
    public Sample? Rejected { get; init; }

    /// <summary>Rows of a batch that it takes.</summary>
    public int Rows => Tokens.Length - 1 + (Rejected?.Rows ?? 0);

    /// <summary>Both texts, or the one there is.</summary>
    public IEnumerable<Sample> Texts => Rejected is null ? [this] : [this, Rejected];

    /// <summary>Stretches of at most so many tokens; the last token of one is the first of the next, so that none is left out.</summary>
    public IEnumerable<Sample> Cut(int length)
    {
        if (Rejected is not null)
        {
            // What is compared is compared whole: a pair of which one is longer is shortened, not parted.
            yield return Shortened(length) with { Rejected = Rejected.Shortened(length) };
            yield break;
        }

        for (int first = 0; first + 1 < Tokens.Length; first += length)
        {
            Range range = first..Math.Min(first + length + 1, Tokens.Length);
            yield return new Sample(Tokens[range], Learnt?[range]);
        }
    }

    private Sample Shortened(int length) => Tokens.Length <= length + 1 ? this : new Sample(Tokens[..(length + 1)], Learnt?[..(length + 1)]);
}
