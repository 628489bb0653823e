namespace Thimble.Grammar;

/// <summary>A set of texts: a language and a count of characters, kept apart as long as they can be.</summary>
/// <param name="Language">The language, spelled as within JSON; null for every text.</param>
/// <param name="Least">The least count of characters.</param>
/// <param name="Most">The greatest.</param>
internal readonly record struct StringSet(Term? Language, int Least, int Most)
{
    /// <summary>Every text.</summary>
    public static StringSet All => new(null, 0, Term.Unbounded);

    /// <summary>Whether characters are counted.</summary>
    public bool IsCounted => Least > 0 || Most < Term.Unbounded;

    /// <summary>The set as one language.</summary>
    public Term AsTerm(Spelling spelling)
    {
        Terms terms = spelling.Terms;
        if (Least > Most)
            return terms.Nothing;
        Term counted = IsCounted ? terms.Repeat(spelling.Of(Characters.All), Least, Most) : spelling.AnyText;
        return Language is null ? counted : IsCounted ? terms.Both(Language, counted) : Language;
    }

    /// <summary>What is in this and another.</summary>
    public StringSet And(StringSet other, Terms terms) => new(
        Language is null ? other.Language : other.Language is null ? Language : terms.Both(Language, other.Language),
        Math.Max(Least, other.Least), Math.Min(Most, other.Most));
}
