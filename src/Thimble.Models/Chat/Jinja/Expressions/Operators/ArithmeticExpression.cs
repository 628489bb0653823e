namespace Thimble.Models.Chat;

/// <summary><c>left + right</c> and its like: numbers, and what Python makes of texts and lists.</summary>
internal sealed class ArithmeticExpression(TemplatePosition at, string operation, Expression left, Expression right) : Expression(at)
{
    protected override JinjaValue Value(Scope scope)
    {
        JinjaValue a = left.Evaluate(scope), b = right.Evaluate(scope);
        Rendering rendering = Here(scope);
        if (a is UndefinedValue missing)
            throw missing.Fault(rendering);
        if (b is UndefinedValue alsoMissing)
            throw alsoMissing.Fault(rendering);
        return Numbers.Calculate(operation, a, b, rendering)
            ?? OnSequences(a, b, rendering)
            ?? throw rendering.Fault($"'{operation}' has no meaning between {a.Kind} and {b.Kind}.");
    }

    private JinjaValue? OnSequences(JinjaValue a, JinjaValue b, Rendering rendering) => (operation, a, b) switch
    {
        ("+", TextValue x, TextValue y) => Join(x, y, rendering),
        ("+", ListValue x, ListValue y) when x.IsTuple == y.IsTuple => Join(x, y, rendering),
        ("*", TextValue or ListValue, _) when Numbers.IsWhole(b, out long times) => Repeat(a, times, rendering),
        ("*", _, TextValue or ListValue) when Numbers.IsWhole(a, out long times) => Repeat(b, times, rendering),
        ("%", TextValue x, _) => JinjaValue.Of(TextFormat.Percent(x.Value, b, rendering)),
        _ => null,
    };

    private static TextValue Join(TextValue x, TextValue y, Rendering rendering)
    {
        rendering.CheckLength((long)x.Value.Length + y.Value.Length);
        rendering.Charge(x.Value.Length + y.Value.Length);
        if (!x.IsSafe && !y.IsSafe)
            return new(x.Value + y.Value);
        return new((x.IsSafe ? x.Value : Escaping.Html(x.Value)) + (y.IsSafe ? y.Value : Escaping.Html(y.Value)), isSafe: true);
    }

    private static ListValue Join(ListValue x, ListValue y, Rendering rendering)
    {
        rendering.CheckLength((long)x.Items.Count + y.Items.Count);
        rendering.Charge(8L * (x.Items.Count + y.Items.Count));
        return new([.. x.Items, .. y.Items], x.IsTuple);
    }

    /// <summary>Fills by doubling what is filled already.</summary>
    private static void Fill<T>(Span<T> to, ReadOnlySpan<T> unit)
    {
        if (to.Length == 0)
            return;
        unit.CopyTo(to);
        for (int filled = unit.Length; filled < to.Length; filled *= 2)
            to[..Math.Min(filled, to.Length - filled)].CopyTo(to[filled..]);
    }

    private static JinjaValue Repeat(JinjaValue value, long times, Rendering rendering)
    {
        times = Math.Max(times, 0);
        long unit = value is TextValue { Value: var measured } ? measured.Length : ((ListValue)value).Items.Count;
        long length = unit == 0 ? 0 : times > int.MaxValue ? long.MaxValue : unit * times;
        rendering.CheckLength(length);
        rendering.Charge(value is ListValue ? 8 * length : length);
        if (unit == 0)
            return value;
        if (value is TextValue { Value: var text })
            return JinjaValue.Of(string.Create((int)length, text, (to, from) => Fill(to, from)));
        var list = (ListValue)value;
        var items = new JinjaValue[length];
        Fill(items, [.. list.Items]);
        return new ListValue([.. items], list.IsTuple);
    }
}
