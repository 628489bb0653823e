namespace Thimble.Grammar;

/// <summary>Texts: an automaton behind the opening quote, and a count of characters where that is not part of it.</summary>
internal sealed record TextRange(State Start, int Least, int Most)
{
    /// <summary>What its places need, where the automaton is not that of any text; null where it is.</summary>
    public TextLengths? Lengths { get; init; }

    /// <summary>Whether characters are counted.</summary>
    public bool IsCounted => Least > 0 || Most < Term.Unbounded;

    /// <summary>Whether a text that has come to some place with so many characters can end with few enough.</summary>
    public bool CanEnd(State place, State text, int count) =>
        count <= Most && (Lengths is null || count < Least || Most - count >= Lengths.MostNeeded || Lengths.Needed(place, text) <= Most - count);
}
