namespace Thimble.Models.Chat;

/// <summary>The arguments as a call writes them.</summary>
/// <param name="Places">Those by place.</param>
/// <param name="Names">Those by name.</param>
/// <param name="Spread">A list after <c>*</c>.</param>
/// <param name="SpreadNames">A dictionary after <c>**</c>.</param>
internal sealed record CallArguments(List<Expression> Places, List<(string Name, Expression Value)> Names, Expression? Spread, Expression? SpreadNames)
{
    public static readonly CallArguments None = new([], [], null, null);

    public static CallArguments Of(Expression only) => new([only], [], null, null);

    public Arguments Evaluate(Scope scope)
    {
        var places = new List<JinjaValue>(Places.Count);
        foreach (Expression place in Places)
            places.Add(place.Evaluate(scope));
        if (Spread is not null)
            places.AddRange(scope.Rendering.List(Spread.Evaluate(scope)));
        var names = new Dictionary<string, JinjaValue>(StringComparer.Ordinal);
        foreach ((string name, Expression value) in Names)
            names[name] = value.Evaluate(scope);
        if (SpreadNames?.Evaluate(scope) is DictValue more)
        {
            foreach ((JinjaValue name, JinjaValue value) in more.Items)
                names[scope.Rendering.Text(name)] = value;
        }
        return new(places, names);
    }
}
