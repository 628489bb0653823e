namespace Thimble.Models.Chat;

/// <summary><c>subject[start:stop:step]</c>.</summary>
internal sealed class SliceExpression(TemplatePosition at, Expression subject, Expression? start, Expression? stop, Expression? step)
    : Expression(at)
{
    protected override JinjaValue Value(Scope scope)
    {
        JinjaValue of = subject.Evaluate(scope);
        long? from = Bound(start, scope), to = Bound(stop, scope), by = Bound(step, scope);
        Rendering rendering = Here(scope);
        if (of is UndefinedValue missing)
            throw missing.Fault(rendering);
        if (of is not (TextValue or ListValue or RangeValue))
            throw rendering.Fault($"a value of type {of.Kind} cannot be sliced; a text or list can.");

        List<JinjaValue> items = rendering.List(of);
        var cut = new List<JinjaValue>();
        foreach (int i in Indices(items.Count, from, to, by ?? 1, rendering))
            cut.Add(items[i]);
        return of is not TextValue
            ? new ListValue(cut, of is ListValue { IsTuple: true })
            : JinjaValue.Of(string.Concat(cut.Select(part => ((TextValue)part).Value)));
    }

    private long? Bound(Expression? bound, Scope scope)
    {
        if (bound?.Evaluate(scope) is not { } value || value is NoneValue)
            return null;
        return Numbers.IsWhole(value, out long whole) ? whole : throw Here(scope).Fault($"a slice's bounds are whole numbers; got {value.Kind}.");
    }

    private static IEnumerable<int> Indices(int length, long? from, long? to, long step, Rendering rendering)
    {
        if (step == 0)
            throw rendering.Fault("a slice's step is zero.");
        (int low, int high) = step > 0 ? (0, length) : (-1, length - 1);
        long i = from is { } first ? Math.Clamp(first < 0 ? first + length : first, low, high) : step > 0 ? low : high;
        long end = to is { } last ? Math.Clamp(last < 0 ? last + length : last, low, high) : step > 0 ? high : low;
        for (; step > 0 ? i < end : i > end; i += step)
            yield return (int)i;
    }
}
