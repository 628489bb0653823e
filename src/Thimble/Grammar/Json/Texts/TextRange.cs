namespace Thimble.Grammar;

/// <summary>Texts: an automaton behind the opening quote, and a count of characters where that is not part of it.</summary>
internal sealed record TextRange(State Start, int Least, int Most)
{
    /// <summary>Whether characters are counted.</summary>
    public bool IsCounted => Least > 0 || Most < Term.Unbounded;
}
