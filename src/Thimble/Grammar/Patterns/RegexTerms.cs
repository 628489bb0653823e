namespace Thimble.Grammar;

/// <summary>From regular expressions to terms.</summary>
/// <param name="spelling">How characters are written.</param>
internal sealed class RegexTerms(Spelling spelling)
{
    private readonly Terms _terms = spelling.Terms;

    private enum Place
    {
        Start,
        Inside,
        Unknown,
    }

    /// <summary>The texts that an expression matches from their beginning to their end.</summary>
    /// <exception cref="NotSupportedException">It uses what no automaton can follow.</exception>
    public Term Whole(RegexNode node) => Before(node, _terms.Empty, Place.Start);

    /// <summary>The texts in which an expression matches somewhere.</summary>
    /// <exception cref="NotSupportedException">It uses what no automaton can follow.</exception>
    public Term Anywhere(RegexNode node)
    {
        Term any = spelling.AnyText, atStart = Before(node, any, Place.Start);
        return node.IsPlain
            ? _terms.Sequence(any, atStart)
            : _terms.Choice(atStart, _terms.Sequence(spelling.Of(Characters.All), any, Before(node, any, Place.Inside)));
    }

    /// <summary>The texts that a node matches, with what must follow it behind.</summary>
    private Term Before(RegexNode node, Term then, Place place)
    {
        switch (node)
        {
            case RegexNode.One one:
                return _terms.Sequence(spelling.Of(one.Set), then);
            case RegexNode.Row row:
                return Row(row, then, place);
            case RegexNode.Choice choice when choice.IsPlain:
                return _terms.Sequence(_terms.Choice(choice.Parts.Select(part => Before(part, _terms.Empty, place))), then);
            case RegexNode.Choice choice:
                return _terms.Choice(choice.Parts.Select(part => Before(part, then, place)));
            case RegexNode.Repeat { Part.IsPlain: true } repeat:
                return _terms.Sequence(_terms.Repeat(Before(repeat.Part, _terms.Empty, Place.Unknown), repeat.Least, repeat.Most), then);
            case RegexNode.Repeat { Most: 1, Least: 0 } optional:
                return _terms.Choice(then, Before(optional.Part, then, place));
            case RegexNode.Repeat { Least: var least, Most: var most } few when most <= 8:
                Term rest = then;
                for (int i = 0; i < most; i++)
                    rest = i < most - least ? _terms.Choice(then, Before(few.Part, rest, Place.Unknown)) : Before(few.Part, rest, Place.Unknown);
                return rest;
            case RegexNode.Look look:
                Term ahead = Before(look.Part, spelling.AnyText, place);
                return _terms.Both(look.IsNegative ? _terms.Not(ahead) : ahead, then);
            case RegexNode.Edge { IsEnd: true }:
                return then.IsNullable ? _terms.Empty : _terms.Nothing;
            case RegexNode.Edge:
                return place switch
                {
                    Place.Start => then,
                    Place.Inside => _terms.Nothing,
                    _ => throw new NotSupportedException("A regular expression with '^' behind a part that may be empty is not supported; write '^' first."),
                };
            default:
                throw new NotSupportedException("A regular expression that repeats '^', '$' or a look-ahead is not supported; take them out of the repeated group.");
        }
    }

    private Term Row(RegexNode.Row row, Term then, Place place)
    {
        var places = new Place[row.Parts.Count];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = place;
            place = row.Parts[i] is RegexNode.Edge or RegexNode.Look ? place : NeedsText(row.Parts[i]) ? Place.Inside : place == Place.Inside ? place : Place.Unknown;
        }

        for (int i = places.Length - 1; i >= 0; i--)
            then = Before(row.Parts[i], then, places[i]);
        return then;
    }

    private static bool NeedsText(RegexNode node) => node switch
    {
        RegexNode.One => true,
        RegexNode.Row row => row.Parts.Any(NeedsText),
        RegexNode.Choice choice => choice.Parts.All(NeedsText),
        RegexNode.Repeat repeat => repeat.Least > 0 && NeedsText(repeat.Part),
        _ => false,
    };
}
