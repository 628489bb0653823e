using System.Text.Json;

namespace Thimble.Grammar;

/// <summary>All demands on values within a schema, what can meet them, and their rules.</summary>
internal sealed class ValueDemands
{
    private const int Largest = 50_000;

    private readonly Dictionary<string, Demand> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<Demand, bool> _plainlyDead = [];
    private readonly Dictionary<Demand, int> _open = [];
    private readonly SchemaReader _schemas;
    private readonly ObjectDemands _objects;
    private readonly ArrayDemands _arrays;
    private int _lowest = int.MaxValue;

    /// <summary>Demands of a schema.</summary>
    public ValueDemands(SchemaReader schemas)
    {
        _schemas = schemas;
        Scalars = new(schemas, schemas.Spelling, schemas.Numbers);
        (_objects, _arrays) = (new(schemas, this), new(schemas, this));
        Nothing = Of([(Formula.Never, false)]);
    }

    /// <summary>The demand that nothing meets.</summary>
    public Demand Nothing { get; }

    /// <summary>What demands leave of values without parts.</summary>
    public ScalarDemands Scalars { get; }

    /// <summary>How keys and texts are written.</summary>
    public Spelling Spelling => _schemas.Spelling;

    /// <summary>Numbers as terms.</summary>
    public NumberTerms Numbers => _schemas.Numbers;

    /// <summary>Several demands as one.</summary>
    /// <exception cref="CapacityException">The schema has too many.</exception>
    public Demand Of(IEnumerable<(Formula Formula, bool Not)> parts)
    {
        SortedSet<(int Id, bool Not)> seen = [];
        List<(Formula, bool)> flat = [];
        if (!Flatten(parts))
            flat = [(Formula.Never, false)];
        flat.Sort(static (x, y) => x.Item1.Id.CompareTo(y.Item1.Id));
        lock (this)
            return Intern(flat);

        bool Flatten(IEnumerable<(Formula Formula, bool Not)> some)
        {
            foreach ((Formula formula, bool not) in some)
            {
                bool alive = formula switch
                {
                    Formula.Not opposite => Flatten([(opposite.Part, !not)]),
                    Formula.All all when !not => Flatten(all.Parts.Select(part => (part, false))),
                    Formula.Any any when not => Flatten(any.Parts.Select(part => (part, true))),
                    Formula.All { Parts.Count: 0 } or Formula.Any { Parts.Count: 0 } => false,
                    Formula.Schema { Place.Element.ValueKind: JsonValueKind.True } => !not,
                    Formula.Schema { Place.Element.ValueKind: JsonValueKind.False } => not,
                    _ => Add(formula, not),
                };
                if (!alive)
                    return false;
            }

            return true;
        }

        bool Add(Formula formula, bool not)
        {
            if (seen.Contains((formula.Id, !not)))
                return false;
            if (seen.Add((formula.Id, not)))
                flat.Add((formula, not));
            return true;
        }
    }

    private Demand Intern(List<(Formula, bool)> flat)
    {
        string key = string.Join(' ', flat.Select(part => part.Item2 ? -part.Item1.Id : part.Item1.Id));
        if (_known.TryGetValue(key, out Demand? known))
            return known;
        if (_known.Count == Largest)
            throw new CapacityException($"The schema leads to more than {Largest} kinds of values; allowed are {Largest}. Use fewer alternatives that combine.", Largest + 1, Largest);
        var demand = new Demand(flat);
        demand.Rule = new(this, demand);
        return _known[key] = demand;
    }

    /// <summary>Several demands as one.</summary>
    public Demand All(IEnumerable<Demand> demands) => Of(demands.SelectMany(demand => demand.Parts));

    /// <summary>A demand and one more.</summary>
    public Demand And(Demand demand, Formula formula, bool not = false) => Of([.. demand.Parts, (formula, not)]);

    /// <summary>The ways for an object to meet a demand.</summary>
    public IReadOnlyList<ObjectDemand> Objects(Demand demand) => CouldBe(demand, JsonTypes.Object) ? _objects.Of(demand.Parts) : [];

    /// <summary>The ways for a list to meet a demand.</summary>
    public IReadOnlyList<ArrayDemand> Arrays(Demand demand) => CouldBe(demand, JsonTypes.Array) ? _arrays.Of(demand.Parts) : [];

    /// <summary>The texts that meet a demand.</summary>
    public StringSet Strings(Demand demand)
    {
        StringSet all = StringSet.All;
        foreach ((Formula formula, bool not) in demand.Parts)
            all = all.And(Scalars.Strings(formula, not), Spelling.Terms);
        return all;
    }

    /// <summary>Whether a value without parts meets a demand.</summary>
    public bool Meets(Demand demand, JsonValueKind value) => demand.Parts.All(part => Scalars.Meets(value, part.Formula, part.Not));

    /// <summary>Whether nothing meets a demand, as far as can be told without looking at parts.</summary>
    public bool IsPlainlyDead(Demand demand)
    {
        if (_plainlyDead.TryGetValue(demand, out bool known))
            return known;
        using (_schemas.Apart())
            return _plainlyDead[demand] = !CouldBe(demand, JsonTypes.Object) && !CouldBe(demand, JsonTypes.Array) && !HasScalars(demand);
    }

    /// <summary>Whether a value, of bounded depth, meets a demand.</summary>
    public bool IsAlive(Demand demand)
    {
        if (demand.IsAlive is { } known)
            return known;
        lock (this)
            return FindAlive(demand);
    }

    private bool FindAlive(Demand demand)
    {
        if (demand.IsAlive is { } known)
            return known;
        if (_open.TryGetValue(demand, out int depth))
        {
            _lowest = Math.Min(_lowest, depth);
            return false;
        }

        if (_open.Count > 100)
            throw new CapacityException("The schema requires values nested deeper than 100; allowed are 100.", 101, 100);
        int outer = _lowest;
        (_lowest, depth) = (int.MaxValue, _open.Count);
        _open[demand] = depth;
        bool alive;
        using (_schemas.Apart())
        {
            alive = HasScalars(demand) || Objects(demand).Any(way => new ObjectShape(this, way).IsAlive())
                || Arrays(demand).Any(way => new ArrayShape(this, way).IsAlive());
        }

        _open.Remove(demand);

        // "No" may only be kept if it does not hang on a demand that is still being looked at.
        if (alive || _lowest >= depth)
            demand.IsAlive = alive;
        _lowest = Math.Min(outer, _lowest >= depth ? int.MaxValue : _lowest);
        return alive;
    }

    private bool HasScalars(Demand demand) =>
        Meets(demand, JsonValueKind.Null) || Meets(demand, JsonValueKind.True) || Meets(demand, JsonValueKind.False)
        || Spelling.Terms.IsAlive(Strings(demand).AsTerm(Spelling)) || Spelling.Terms.IsAlive(Scalars.Numbers(demand.Parts));

    private bool CouldBe(Demand demand, JsonTypes type) => demand.Parts.All(part => CouldBe(part.Formula, part.Not, type));

    private bool CouldBe(Formula formula, bool not, JsonTypes type) => formula switch
    {
        Formula.All all => not ? all.Parts.Any(part => CouldBe(part, true, type)) : all.Parts.All(part => CouldBe(part, false, type)),
        Formula.Any any => not ? any.Parts.All(part => CouldBe(part, true, type)) : any.Parts.Any(part => CouldBe(part, false, type)),
        Formula.One one => not || one.Parts.Any(part => CouldBe(part, false, type)),
        Formula.Not opposite => CouldBe(opposite.Part, !not, type),
        Formula.Schema schema => _schemas.Inside(schema, says => CouldBe(says, not, type)),
        Formula.Type known => (known.Types & type) != 0 != not,
        Formula.Enum values => not || values.Values.Any(value => value.ValueKind == (type == JsonTypes.Object ? JsonValueKind.Object : JsonValueKind.Array)),
        Formula.Unevaluated unevaluated => (not && unevaluated.OfItems == (type == JsonTypes.Array)) || CouldBe(unevaluated.Beside, not, type),
        _ => true,
    };
}
