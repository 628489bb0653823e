namespace Thimble.Grammar;

/// <summary>The ways for an object to meet demands.</summary>
/// <param name="schemas">What schemas say.</param>
/// <param name="demands">Demands on the values of members.</param>
internal sealed class ObjectDemands(SchemaReader schemas, ValueDemands demands) : Alternatives<ObjectDemand>(schemas, demands)
{
    private protected override ObjectDemand Free { get; } = new();

    private protected override ObjectDemand And(ObjectDemand x, ObjectDemand y) => x & y;

    private protected override ObjectDemand Forget(ObjectDemand way) => way.Evaluated.Count == 0 ? way : way with { Evaluated = [] };

    private protected override IReadOnlyList<ObjectDemand> Leaf(Formula formula, bool not) => formula switch
    {
        Formula.Type type => (type.Types & JsonTypes.Object) != 0 == !not ? [Free] : [],
        Formula.Members members when !not => [new() { Members = [(members.Keys, Values(members.Values))], Evaluated = members.Evaluates ? [members.Keys] : [] }],
        Formula.Members { Keys.Single: { } name } members => [new() { Required = [name], Members = [(members.Keys, Values(members.Values, not: true))] }],
        Formula.Members members => [new() { Exists = [(members.Keys, Values(members.Values, not: true))] }],
        Formula.Required required when !not => [new() { Required = [required.Name] }],
        Formula.Required required => [new() { Members = [(KeySet.Of([required.Name]), Values(Formula.Never))] }],
        Formula.Count { OfItems: false } count when !not => [new() { Least = count.Least, Most = count.Most }],
        Formula.Count { OfItems: false } count =>
        [
            .. count.Least > 0 ? (ObjectDemand[])[new() { Most = count.Least - 1 }] : [],
            .. count.Most < Term.Unbounded ? (ObjectDemand[])[new() { Least = count.Most + 1 }] : [],
        ],
        Formula.Unevaluated { OfItems: true } unevaluated => Of(unevaluated.Beside, not, apart: false),
        Formula.Unevaluated unevaluated when !not => [.. Of(unevaluated.Beside, not: false, apart: true).Select(beside => Unevaluated(beside, unevaluated))],
        Formula.Unevaluated unevaluated => throw new NotSupportedException($"The schema's 'unevaluatedProperties' at '{unevaluated.Pointer}' stands under a negation (of 'not', 'if' or 'oneOf'), which is not supported."),
        _ => not ? [] : [Free],
    };

    private protected override bool IsEmpty(ObjectDemand demand)
    {
        if (demand.Least > demand.Most || demand.Required.Count > demand.Most)
            return true;
        foreach (string name in demand.Required)
        {
            List<Demand> values = [.. demand.Members.Where(members => !members.Keys.AllPatterns.Any() && members.Keys.Contains(name, static _ => false)).Select(members => members.Values)];
            if (values.Count > 0 && Demands.IsPlainlyDead(Demands.All(values)))
                return true;
        }

        return false;
    }

    private ObjectDemand Unevaluated(ObjectDemand beside, Formula.Unevaluated unevaluated) => beside with
    {
        Members = [.. beside.Members, (KeySet.OutsideOf(beside.Evaluated), Values(unevaluated.Values))],
        Evaluated = [KeySet.All],
    };
}
