using System.Text.Json;

namespace Thimble.Grammar;

/// <summary>What demands leave of the values without parts: texts, numbers, true, false and null.</summary>
/// <remarks>These are closed under "and", "or" and "not", so that no alternatives need to be told apart.</remarks>
/// <param name="schemas">What schemas say.</param>
/// <param name="spelling">How texts are written.</param>
/// <param name="numbers">Numbers as terms.</param>
internal sealed class ScalarDemands(SchemaReader schemas, Spelling spelling, NumberTerms numbers)
{
    private readonly Terms _terms = spelling.Terms;

    /// <summary>Whether a value without parts meets a demand.</summary>
    public bool Meets(JsonValueKind value, Formula formula, bool not) => formula switch
    {
        Formula.All all => not ? all.Parts.Any(part => Meets(value, part, true)) : all.Parts.All(part => Meets(value, part, false)),
        Formula.Any any => not ? any.Parts.All(part => Meets(value, part, true)) : any.Parts.Any(part => Meets(value, part, false)),
        Formula.One one => one.Parts.Count(part => Meets(value, part, false)) == 1 != not,
        Formula.Not opposite => Meets(value, opposite.Part, !not),
        Formula.Schema schema => schemas.Inside(schema, says => Meets(value, says, not)),
        Formula.Type type => ((type.Types & (value == JsonValueKind.Null ? JsonTypes.Null : JsonTypes.Boolean)) != 0) != not,
        Formula.Enum values => values.Values.Any(known => known.ValueKind == value) != not,
        Formula.Unevaluated unevaluated => Meets(value, unevaluated.Beside, not),
        _ => !not,
    };

    /// <summary>The texts that meet a demand.</summary>
    public StringSet Strings(Formula formula, bool not)
    {
        switch (formula)
        {
            case Formula.All all:
                return not ? Either(all.Parts.Select(part => Strings(part, true))) : Together(all.Parts.Select(part => Strings(part, false)));
            case Formula.Any any:
                return not ? Together(any.Parts.Select(part => Strings(part, true))) : Either(any.Parts.Select(part => Strings(part, false)));
            case Formula.One one:
                return Language(Exactly([.. one.Parts.Select(part => Strings(part, false).AsTerm(spelling))], [.. one.Parts.Select(part => Strings(part, true).AsTerm(spelling))], not));
            case Formula.Not opposite:
                return Strings(opposite.Part, !not);
            case Formula.Schema schema:
                return schemas.Inside(schema, says => Strings(says, not));
            case Formula.Type type:
                return (type.Types & JsonTypes.String) != 0 == !not ? StringSet.All : Language(_terms.Nothing);
            case Formula.Enum values:
                return Side(_terms.Literals(values.Values.Where(value => value.ValueKind == JsonValueKind.String).Select(value => spelling.Write(value.GetString()!))), not);
            case Formula.Text text:
                return Side(text.Language, not);
            case Formula.Length length:
                if (!not)
                    return new(null, length.Least, length.Most);
                return Either(
                [
                    length.Least > 0 ? new(null, 0, length.Least - 1) : Language(_terms.Nothing),
                    length.Most < Term.Unbounded ? new(null, length.Most + 1, Term.Unbounded) : Language(_terms.Nothing),
                ]);
            case Formula.Unevaluated unevaluated:
                return Strings(unevaluated.Beside, not);
            default:
                return not ? Language(_terms.Nothing) : StringSet.All;
        }
    }

    /// <summary>The numbers that meet all of some demands.</summary>
    public Term Numbers(IReadOnlyList<(Formula Formula, bool Not)> demands)
    {
        Term all = demands.All(demand => IsSimple(demand.Formula, demand.Not)) ? numbers.Numbers : numbers.Decimals;
        return _terms.Both(demands.Select(demand => Numbers(demand.Formula, demand.Not, all)).Append(all));
    }

    private Term Numbers(Formula formula, bool not, Term all)
    {
        switch (formula)
        {
            case Formula.All parts:
                IEnumerable<Term> each = parts.Parts.Select(part => Numbers(part, not, all));
                return not ? _terms.Choice(each) : Intersect(each, all);
            case Formula.Any parts:
                each = parts.Parts.Select(part => Numbers(part, not, all));
                return not ? Intersect(each, all) : _terms.Choice(each);
            case Formula.One one:
                return Exactly([.. one.Parts.Select(part => Numbers(part, false, all))], [.. one.Parts.Select(part => Numbers(part, true, all))], not);
            case Formula.Not opposite:
                return Numbers(opposite.Part, !not, all);
            case Formula.Schema schema:
                return schemas.Inside(schema, says => Numbers(says, not, all));
            case Formula.Type type when (type.Types & JsonTypes.Number) != 0:
                return not ? _terms.Nothing : all;
            case Formula.Type type when (type.Types & JsonTypes.Integer) != 0:
                return not ? _terms.Both(all, _terms.Not(numbers.LooseIntegers)) : numbers.Integers;
            case Formula.Type:
                return not ? all : _terms.Nothing;
            case Formula.Enum values:
                string[] known = [.. values.Values.Where(value => value.ValueKind == JsonValueKind.Number).Select(value => value.GetRawText())];
                return not
                    ? _terms.Both(all, _terms.Not(_terms.Choice(known.Select(numbers.Equal))))
                    : _terms.Literals(known.Select(number => System.Text.Encoding.ASCII.GetBytes(NumberTerms.Shortest(number))));
            case Formula.Number number:
                return not ? number.Outside : number.Inside;
            case Formula.Unevaluated unevaluated:
                return Numbers(unevaluated.Beside, not, all);
            default:
                return not ? _terms.Nothing : all;
        }
    }

    /// <summary>Whether a demand tells numbers apart by type only, so that they may have exponents.</summary>
    private bool IsSimple(Formula formula, bool not) => formula switch
    {
        Formula.All all => all.Parts.All(part => IsSimple(part, not)),
        Formula.Any any => any.Parts.All(part => IsSimple(part, not)),
        Formula.One one => one.Parts.All(part => IsSimple(part, true) && IsSimple(part, false)),
        Formula.Not opposite => IsSimple(opposite.Part, !not),
        Formula.Schema schema => schemas.Inside(schema, says => IsSimple(says, not)),
        Formula.Type type => !not || (type.Types & JsonTypes.Number) != 0 || (type.Types & JsonTypes.Integer) == 0,
        Formula.Enum values => values.Values.All(value => value.ValueKind != JsonValueKind.Number),
        Formula.Number => false,
        Formula.Unevaluated unevaluated => IsSimple(unevaluated.Beside, not),
        _ => true,
    };

    private Term Intersect(IEnumerable<Term> terms, Term all) => _terms.Both(terms.Append(all));

    private Term Exactly(Term[] yes, Term[] no, bool not)
    {
        List<Term> choices = [];
        for (int i = 0; i < yes.Length; i++)
        {
            if (!not)
                choices.Add(_terms.Both(yes[i] == _terms.Nothing ? [yes[i]] : [yes[i], .. no.Where((_, j) => j != i)]));
            for (int j = i + 1; not && j < yes.Length; j++)
                choices.Add(_terms.Both(yes[i], yes[j]));
        }

        if (not)
            choices.Add(_terms.Both(no));
        return _terms.Choice(choices);
    }

    private StringSet Side(Term language, bool not) => Language(not ? _terms.Both(spelling.AnyText, _terms.Not(language)) : language);

    private StringSet Language(Term language) => language == spelling.AnyText || language == _terms.Everything ? StringSet.All : new(language, 0, Term.Unbounded);

    private StringSet Together(IEnumerable<StringSet> sets)
    {
        StringSet all = StringSet.All;
        foreach (StringSet set in sets)
            all = all.And(set, _terms);
        return all;
    }

    private StringSet Either(IEnumerable<StringSet> sets)
    {
        StringSet[] some = [.. sets.Where(set => set.Language != _terms.Nothing).Distinct()];
        return some.Length == 1 ? some[0]
            : some.Contains(StringSet.All) ? StringSet.All
            : Language(_terms.Choice(some.Select(set => set.AsTerm(spelling))));
    }
}
