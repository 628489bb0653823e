using System.Text.Json;

namespace Thimble.Grammar;

/// <summary>The kinds of values that meet a demand.</summary>
internal sealed record ValueParts
{
    /// <summary>Null, true and false, as far as they are among them.</summary>
    public State? Word { get; private init; }

    /// <summary>Numbers.</summary>
    public State? Number { get; private init; }

    /// <summary>Texts.</summary>
    public TextRange? Text { get; private init; }

    /// <summary>Objects: ways to be one.</summary>
    public IReadOnlyList<ObjectShape> Objects { get; private init; } = [];

    /// <summary>Lists: ways to be one.</summary>
    public IReadOnlyList<ArrayShape> Arrays { get; private init; } = [];

    /// <summary>How many values there are, if they have no parts and are written in one way each.</summary>
    public long Count { get; private init; } = long.MaxValue;

    /// <summary>Works them out.</summary>
    public static ValueParts Of(ValueDemands demands, Demand demand, bool isDistinct)
    {
        bool isNull = demands.Meets(demand, JsonValueKind.Null), isTrue = demands.Meets(demand, JsonValueKind.True), isFalse = demands.Meets(demand, JsonValueKind.False);
        State? word = !isNull ? (isTrue, isFalse) switch { (true, true) => JsonParts.Boolean, (true, false) => JsonParts.True, (false, true) => JsonParts.False, _ => null }
            : !isTrue && !isFalse ? JsonParts.Null
            : Alive(new Automaton(demands.Spelling.Terms, demands.Spelling.Terms.Literals([[.. "null"u8], isTrue ? [.. "true"u8] : [.. "null"u8], isFalse ? [.. "false"u8] : [.. "null"u8]])).Start);
        State? number = Numbers(demands, demand, isDistinct);
        TextRange? text = Texts(demands, demand, isDistinct);
        ObjectShape[] objects = [.. demands.Objects(demand).Select(way => new ObjectShape(demands, way)).Where(shape => shape.IsAlive())];
        ArrayShape[] arrays = [.. demands.Arrays(demand).Select(way => new ArrayShape(demands, way)).Where(shape => shape.IsAlive() && shape.Prepare())];
        long words = (isNull ? 1 : 0) + (isTrue ? 1 : 0) + (isFalse ? 1 : 0);
        return new()
        {
            Word = word,
            Number = number,
            Text = text,
            Objects = objects,
            Arrays = arrays,
            Count = !isDistinct || objects.Length + arrays.Length > 0 ? long.MaxValue
                : StateCount.Add(words, StateCount.Add(number is null ? 0 : number.Size, text is null ? 0 : text.IsCounted ? long.MaxValue : text.Start.Size)),
        };
    }

    private static State? Numbers(ValueDemands demands, Demand demand, bool isDistinct)
    {
        Term numbers = demands.Scalars.Numbers(demand.Parts);
        Terms terms = demands.Spelling.Terms;
        if (isDistinct)
            numbers = terms.Both(numbers, demands.Numbers.Canonical);
        return numbers == demands.Numbers.Numbers ? JsonParts.Number
            : numbers == demands.Numbers.Integers ? JsonParts.Integer
            : Alive(new Automaton(terms, numbers).Start);
    }

    private static TextRange? Texts(ValueDemands demands, Demand demand, bool isDistinct)
    {
        StringSet strings = demands.Strings(demand);
        Terms terms = demands.Spelling.Terms;
        bool isTagged = demands.Spelling.IsTagged;
        if (strings.Language is null && !isDistinct && !isTagged && strings.Least <= strings.Most)
        {
            return strings == StringSet.All ? new(JsonParts.FreeText, 0, Term.Unbounded) : new(JsonParts.FreeText, strings.Least, strings.Most);
        }

        if (strings == StringSet.All)
            return new(isTagged ? JsonParts.TaggedText : JsonParts.PlainText, 0, Term.Unbounded);
        Term quote = terms.Literal("\"");
        if (!isDistinct && strings is { IsCounted: true, Language: { } counted } && Alive(new Automaton(terms, terms.Sequence(counted, quote)).Start) is { } free
            && TextLengths.Of(free, strings.Least, strings.Most) is { } lengths)
        {
            return new(free, strings.Least, strings.Most) { Lengths = lengths };
        }

        Term language = terms.Sequence(strings.AsTerm(demands.Spelling), quote);
        return Alive(new Automaton(terms, language).Start) is { } start ? new(start, 0, Term.Unbounded) : null;
    }

    private static State? Alive(State state) => ReferenceEquals(state, State.Dead) ? null : state;
}
