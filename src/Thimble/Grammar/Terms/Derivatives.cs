namespace Thimble.Grammar;

/// <summary>What is left of a term after a byte or a call, and whether anything is.</summary>
internal sealed partial class Terms
{
    private const int Largest = 200_000;   // terms of one grammar, some 40 MB

    /// <summary>The texts that may follow a byte.</summary>
    /// <exception cref="CapacityException">The grammar has grown too large.</exception>
    public Term After(Term term, byte value)
    {
        switch (term.Kind)
        {
            case TermKind.Bytes:
                return term.Set[value] ? Empty : Nothing;
            case TermKind.Not when term == Everything:
                return term;
            case TermKind.Nothing or TermKind.Empty or TermKind.Call:
                return Nothing;
            case TermKind.Multiple:
                return term.Residue.After(value) is { } residue ? Multiple(residue) : Nothing;
            default:
                break;
        }

        if (_derived.TryGetValue((term.Id, value), out Term? known))
            return known;
        if (_made.Count > Largest || _derived.Count > 3 * Largest)
            throw new CapacityException($"The grammar needs more than {Largest} terms; allowed are {Largest}. Use smaller patterns, lengths or counts.", _made.Count, Largest);

        Term after = term.Kind switch
        {
            TermKind.Sequence => Choice(Sequence(After(term.Parts[0], value), term.Parts[1]), term.Parts[0].IsNullable ? After(term.Parts[1], value) : Nothing),
            TermKind.Choice => Choice(Each(term, value)),
            TermKind.Both => Both(Each(term, value)),
            TermKind.Not => Not(After(term.Parts[0], value)),
            _ => Sequence(After(term.Parts[0], value), Fewer(term)),
        };
        _derived[(term.Id, value)] = after;
        return after;
    }

    /// <summary>The texts that may follow a call of a rule.</summary>
    public Term After(Term term, Rule rule) => !term.HasCalls ? Nothing : term.Kind switch
    {
        TermKind.Call => ReferenceEquals(term.Rule, rule) ? Empty : Nothing,
        TermKind.Sequence => Choice(
            Sequence(After(term.Parts[0], rule), term.Parts[1]), term.Parts[0].IsNullable ? After(term.Parts[1], rule) : Nothing),
        TermKind.Choice => Choice(Array.ConvertAll(term.Parts, part => After(part, rule))),
        _ => Sequence(After(term.Parts[0], rule), Fewer(term)),
    };

    /// <summary>The rules that may be called first.</summary>
    public static void Callable(Term term, HashSet<Rule> rules)
    {
        if (!term.HasCalls)
            return;
        if (term.Kind == TermKind.Call)
            rules.Add(term.Rule!);
        for (int i = 0; i < term.Parts.Length; i++)
        {
            if (i == 0 || term.Kind != TermKind.Sequence || term.Parts[0].IsNullable)
                Callable(term.Parts[i], rules);
        }
    }

    /// <summary>The sets of bytes that a term tells apart.</summary>
    public static void Sets(Term term, HashSet<ByteSet> sets, HashSet<Term> seen)
    {
        var open = new Stack<Term>([term]);
        while (open.TryPop(out Term? next))
        {
            if (!seen.Add(next))
                continue;
            if (next.Kind == TermKind.Bytes)
                sets.Add(next.Set);
            for (int digit = '.'; next.Kind == TermKind.Multiple && digit <= '9'; digit++)
                sets.Add(ByteSet.Range(digit, digit));
            foreach (Term part in next.Parts)
                open.Push(part);
        }
    }

    /// <summary>Whether a term matches anything.</summary>
    /// <exception cref="CapacityException">That took too long to find out.</exception>
    public bool IsAlive(Term term)
    {
        if (term.IsNullable || term.IsPlain)
            return true;
        if (term.Life is { } known)
            return known;

        bool alive = term.Kind switch
        {
            TermKind.Sequence => IsAlive(term.Parts[0]) && IsAlive(term.Parts[1]),
            TermKind.Choice => Array.Exists(term.Parts, IsAlive),
            TermKind.Repeat => IsAlive(term.Parts[0]),
            _ => Search(term),
        };
        term.Life = alive;
        return alive;
    }

    /// <summary>Looks for a text in a term, the shortest first.</summary>
    private bool Search(Term start)
    {
        byte[] bytes = [.. ByteClasses.Of(start).Representatives];
        var from = new Dictionary<Term, Term?> { [start] = null };
        var queue = new Queue<Term>([start]);
        while (queue.TryDequeue(out Term? term))
        {
            foreach (byte value in bytes)
            {
                Term after = After(term, value);
                if (after.Life == false || from.ContainsKey(after))
                    continue;
                from[after] = term;
                if (after.IsNullable || after.IsPlain || after.Life == true)
                {
                    for (Term? alive = after; alive is not null; alive = from[alive])
                        alive.Life = true;
                    return true;
                }

                queue.Enqueue(after);
            }
        }

        foreach (Term dead in from.Keys)
            dead.Life = false;
        return false;
    }

    private Term Fewer(Term term) => Repeat(term.Parts[0], Math.Max(0, term.Least - 1), term.Most == Term.Unbounded ? Term.Unbounded : term.Most - 1);

    private Term[] Each(Term term, byte value)
    {
        var after = new Term[term.Parts.Length];
        for (int i = 0; i < after.Length; i++)
        {
            after[i] = After(term.Parts[i], value);
            if (after[i] == Nothing && term.Kind == TermKind.Both)
                return [Nothing];
        }

        return after;
    }
}
