namespace Thimble.Grammar;

/// <summary>The ways for a list to meet demands.</summary>
/// <param name="schemas">What schemas say.</param>
/// <param name="demands">Demands on items.</param>
internal sealed class ArrayDemands(SchemaReader schemas, ValueDemands demands) : Alternatives<ArrayDemand>(schemas, demands)
{
    private protected override ArrayDemand Free { get; } = new();

    private protected override ArrayDemand And(ArrayDemand x, ArrayDemand y) => x & y;

    private protected override ArrayDemand Forget(ArrayDemand way) =>
        way.EvaluatedTo == 0 && way.EvaluatedKinds.Count == 0 ? way : way with { EvaluatedTo = 0, EvaluatedKinds = [] };

    private protected override IReadOnlyList<ArrayDemand> Leaf(Formula formula, bool not) => formula switch
    {
        Formula.Type type => (type.Types & JsonTypes.Array) != 0 == !not ? [Free] : [],
        Formula.Items { AndFollowing: true } items when !not =>
            [new() { Following = [(items.Index, Values(items.Values))], EvaluatedTo = items.Evaluates ? int.MaxValue : 0 }],
        Formula.Items { AndFollowing: true } items => [new() { Counts = [new(new Formula.Not(items.Values), items.Index, 1, Term.Unbounded)] }],
        Formula.Items items when !not => [new() { Single = [(items.Index, Values(items.Values))], EvaluatedTo = items.Index + 1 }],
        Formula.Items items => [new() { Least = items.Index + 1, Single = [(items.Index, Values(items.Values, not: true))] }],
        Formula.Contains contains when !not =>
            [new() { Counts = [new(contains.Values, 0, contains.Least, contains.Most)], EvaluatedKinds = contains.Evaluates ? [contains.Values] : [] }],
        Formula.Contains contains =>
        [
            .. contains.Least > 0 ? (ArrayDemand[])[new() { Counts = [new(contains.Values, 0, 0, contains.Least - 1)] }] : [],
            .. contains.Most < Term.Unbounded ? (ArrayDemand[])[new() { Counts = [new(contains.Values, 0, contains.Most + 1, Term.Unbounded)] }] : [],
        ],
        Formula.Count { OfItems: true } count when !not => [new() { Least = count.Least, Most = count.Most }],
        Formula.Count { OfItems: true } count =>
        [
            .. count.Least > 0 ? (ArrayDemand[])[new() { Most = count.Least - 1 }] : [],
            .. count.Most < Term.Unbounded ? (ArrayDemand[])[new() { Least = count.Most + 1 }] : [],
        ],
        Formula.Distinct distinct when !not => [new() { Distinct = distinct.Pointer }],
        Formula.Distinct distinct => throw new NotSupportedException($"The schema's 'uniqueItems' at '{distinct.Pointer}' stands under a negation (of 'not', 'if' or 'oneOf'), which is not supported."),
        Formula.Unevaluated { OfItems: false } unevaluated => Of(unevaluated.Beside, not, apart: false),
        Formula.Unevaluated unevaluated when !not => [.. Of(unevaluated.Beside, not: false, apart: true).Select(beside => Unevaluated(beside, unevaluated))],
        Formula.Unevaluated unevaluated => throw new NotSupportedException($"The schema's 'unevaluatedItems' at '{unevaluated.Pointer}' stands under a negation (of 'not', 'if' or 'oneOf'), which is not supported."),
        _ => not ? [] : [Free],
    };

    private protected override bool IsEmpty(ArrayDemand demand)
    {
        if (demand.Least > demand.Most)
            return true;
        foreach ((int index, Demand values) in demand.Single)
        {
            if (index < demand.Least && Demands.IsPlainlyDead(values))
                return true;
        }

        return demand.Following.Any(following => following.From < demand.Least && Demands.IsPlainlyDead(following.Values));
    }

    private ArrayDemand Unevaluated(ArrayDemand beside, Formula.Unevaluated unevaluated)
    {
        if (beside.EvaluatedTo == int.MaxValue)
            return beside;
        Formula values = beside.EvaluatedKinds.Count == 0 ? unevaluated.Values : new Formula.Any([unevaluated.Values, .. beside.EvaluatedKinds]);
        return beside with { Following = [.. beside.Following, (beside.EvaluatedTo, Values(values))], EvaluatedTo = int.MaxValue };
    }
}
