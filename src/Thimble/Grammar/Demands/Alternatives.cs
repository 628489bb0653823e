namespace Thimble.Grammar;

/// <summary>The ways for a value with parts to meet demands: each a plain list of what it keeps to, any of them enough.</summary>
/// <typeparam name="T">One way.</typeparam>
internal abstract class Alternatives<T>(SchemaReader schemas, ValueDemands demands)
    where T : class
{
    private const int Most = 400, MostApart = 6, MostSteps = 200_000;

    private int _steps;

    /// <summary>Demands on parts.</summary>
    private protected ValueDemands Demands => demands;

    /// <summary>The way that demands nothing.</summary>
    private protected abstract T Free { get; }

    /// <summary>The ways to meet all of some demands.</summary>
    /// <exception cref="CapacityException">There are too many.</exception>
    public IReadOnlyList<T> Of(IReadOnlyList<(Formula Formula, bool Not)> all)
    {
        _steps = 0;
        IReadOnlyList<T> ways = [Free];
        foreach ((Formula formula, bool not) in all)
            ways = Cross(ways, Of(formula, not, apart: false));
        return ways;
    }

    /// <summary>The ways to meet a demand.</summary>
    /// <param name="formula">The demand.</param>
    /// <param name="not">Whether to meet its opposite.</param>
    /// <param name="apart">Whether several met at once are a way of its own, because each speaks of other parts.</param>
    private protected IReadOnlyList<T> Of(Formula formula, bool not, bool apart)
    {
        IReadOnlyList<T> ways = Find(formula, not, apart);
        return not && ways.Count > 0 ? [.. ways.Select(Forget)] : ways;   // what stands under a negation speaks of nothing
    }

    /// <summary>The way as if it had spoken of no part.</summary>
    private protected abstract T Forget(T way);

    private IReadOnlyList<T> Find(Formula formula, bool not, bool apart)
    {
        if (++_steps > MostSteps)
            throw TooMany("schema", "");
        switch (formula)
        {
            case Formula.All all when !not:
                return all.Parts.Aggregate((IReadOnlyList<T>)[Free], (ways, part) => ways.Count == 0 ? ways : Cross(ways, Of(part, false, apart)));
            case Formula.All all:
                return Join(all.Parts.Select(part => Of(part, true, apart)));
            case Formula.Any any when not:
                return any.Parts.Aggregate((IReadOnlyList<T>)[Free], (ways, part) => ways.Count == 0 ? ways : Cross(ways, Of(part, true, apart)));
            case Formula.Any any when apart:
                return Together([.. any.Parts.Select(part => Of(part, false, apart))]);
            case Formula.Any any:
                return Join(any.Parts.Select(part => Of(part, false, apart)));
            case Formula.One one:
                return One(one, not, apart);
            case Formula.Not opposite:
                return Of(opposite.Part, !not, apart);
            case Formula.Schema schema:
                return schemas.Inside(schema, says => Of(says, not, apart));
            case Formula.Enum values:
                return Of(values.Structured, not, apart);
            default:
                return Leaf(formula, not);
        }
    }

    /// <summary>Both ways at once.</summary>
    private protected abstract T And(T x, T y);

    /// <summary>The ways to meet a demand without parts.</summary>
    private protected abstract IReadOnlyList<T> Leaf(Formula formula, bool not);

    /// <summary>Whether a way is plainly none.</summary>
    private protected abstract bool IsEmpty(T way);

    /// <summary>A demand on a part.</summary>
    private protected Demand Values(Formula formula, bool not = false) => demands.Of([(formula, not)]);

    private List<T> Cross(IReadOnlyList<T> left, IReadOnlyList<T> right)
    {
        List<T> all = [];
        foreach (T x in left)
        {
            foreach (T y in right)
            {
                T both = ReferenceEquals(x, Free) ? y : ReferenceEquals(y, Free) ? x : And(x, y);
                if (!IsEmpty(both))
                    all.Add(both);
                if (all.Count > Most || ++_steps > MostSteps)
                    throw TooMany("schema", "");
            }
        }

        return all;
    }

    private static List<T> Join(IEnumerable<IReadOnlyList<T>> some)
    {
        List<T> all = [];
        foreach (IReadOnlyList<T> ways in some)
        {
            all.AddRange(ways);
            if (all.Count > Most)
                throw TooMany("schema", "");
        }

        return all;
    }

    /// <summary>The ways to meet any of several, those that meet some of them at once apart.</summary>
    private List<T> Together(IReadOnlyList<T>[] parts)
    {
        parts = [.. parts.Where(part => part.Count > 0)];
        if (parts.Length > MostApart)
            throw TooMany("anyOf", " under unevaluatedProperties or unevaluatedItems");
        List<T> all = [];
        for (int set = 1; set < 1 << parts.Length; set++)
        {
            IReadOnlyList<T> ways = [Free];
            for (int i = 0; i < parts.Length; i++)
            {
                if ((set >> i & 1) != 0)
                    ways = Cross(ways, parts[i]);
            }

            all.AddRange(ways);
        }

        return all.Count > Most ? throw TooMany("anyOf", " under unevaluatedProperties or unevaluatedItems") : all;
    }

    /// <summary>Exactly one of several: alternatives that exclude each other anyway need no more saying.</summary>
    private List<T> One(Formula.One one, bool not, bool apart)
    {
        IReadOnlyList<T>[] yes = [.. one.Parts.Select(part => Of(part, false, apart))];
        var no = new IReadOnlyList<T>?[yes.Length];
        List<T> all = [];
        try
        {
            if (not)
                all.AddRange(Enumerable.Range(0, yes.Length).Aggregate((IReadOnlyList<T>)[Free], (ways, i) => Cross(ways, No(i))));
            for (int i = 0; i < yes.Length; i++)
            {
                IReadOnlyList<T> ways = yes[i];
                for (int j = not ? i + 1 : 0; j < yes.Length && ways.Count > 0; j++)
                {
                    if (i == j)
                        continue;
                    List<T> both = Cross(yes[i], yes[j]);
                    if (not)
                        all.AddRange(both);
                    else if (both.Count > 0)
                        ways = Cross(ways, No(j));
                }

                if (!not)
                    all.AddRange(ways);
            }
        }
        catch (CapacityException)
        {
            throw TooMany("oneOf", $" at '{one.Pointer}'");
        }

        return all.Count > Most ? throw TooMany("oneOf", $" at '{one.Pointer}'") : all;

        IReadOnlyList<T> No(int i) => no[i] ??= Of(one.Parts[i], true, apart: false);
    }

    private static CapacityException TooMany(string keyword, string where) => new(
        $"The {(keyword == "schema" ? "schema" : $"schema's '{keyword}'{where}")} leaves more than {Most} combinations of alternatives; allowed are {Most}. " +
        "Give alternatives a required property whose 'const' tells them apart, or use fewer.", Most + 1, Most);
}
