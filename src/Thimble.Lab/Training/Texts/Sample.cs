namespace Thimble.Lab.Training;

/// <summary>A text to learn from, in tokens.</summary>
/// <param name="Tokens">At least two.</param>
/// <param name="Learnt">Which of them are to be foretold; null for all but the first.</param>
internal sealed record Sample(int[] Tokens, bool[]? Learnt = null)
{
    /// <summary>Stretches of at most so many tokens; the last token of one is the first of the next, so that none is left out.</summary>
    public IEnumerable<Sample> Cut(int length)
    {
        for (int first = 0; first + 1 < Tokens.Length; first += length)
        {
            Range range = first..Math.Min(first + length + 1, Tokens.Length);
            yield return new Sample(Tokens[range], Learnt?[range]);
        }
    }
}
