namespace Thimble.Models.Chat;

/// <summary>Equality, order and membership as Python has them.</summary>
internal static class Comparing
{
    /// <summary>Python's <c>==</c>.</summary>
    public static bool Same(JinjaValue left, JinjaValue right, Rendering rendering)
    {
        rendering.Step();
        return (left, right) switch
        {
            (ListValue a, ListValue b) => a.IsTuple == b.IsTuple && SameLists(a.Items, b.Items, rendering),
            (DictValue a, DictValue b) => SameDicts(a, b, rendering),
            _ => left.Equals(right),
        };
    }

    /// <summary>Less than, equal or greater than zero, as Python orders numbers, texts and lists; anything else is a fault.</summary>
    public static int Order(JinjaValue left, JinjaValue right, Rendering rendering)
    {
        rendering.Step();
        if (left is UndefinedValue missing)
            throw missing.Fault(rendering);
        if (right is UndefinedValue alsoMissing)
            throw alsoMissing.Fault(rendering);
        if (Numbers.IsWhole(left, out long a) && Numbers.IsWhole(right, out long b))
            return a.CompareTo(b);
        if (Numbers.IsNumber(left, out double x) && Numbers.IsNumber(right, out double y))
            return x.CompareTo(y);
        return (left, right) switch
        {
            (TextValue s, TextValue t) => string.CompareOrdinal(s.Value, t.Value),
            (ListValue s, ListValue t) when s.IsTuple == t.IsTuple => OrderLists(s.Items, t.Items, rendering),
            _ => throw rendering.Fault($"a value of type {left.Kind} has no order beside one of type {right.Kind}."),
        };
    }

    /// <summary>Python's <c>item in container</c>.</summary>
    public static bool Contains(JinjaValue container, JinjaValue item, Rendering rendering)
    {
        switch (container)
        {
            case TextValue text:
                if (item is not TextValue part)
                    throw rendering.Fault($"'in' on a text wants a text on its left and got {item.Kind}.");
                rendering.Charge(text.Value.Length);
                return text.Value.Contains(part.Value, StringComparison.Ordinal);
            case DictValue dict:
                return dict.Lookup(item) is not null;
            default:
                foreach (JinjaValue element in rendering.Elements(container))
                {
                    if (Same(element, item, rendering))
                        return true;
                }
                return false;
        }
    }

    private static bool SameLists(List<JinjaValue> a, List<JinjaValue> b, Rendering rendering)
    {
        if (a.Count != b.Count)
            return false;
        for (int i = 0; i < a.Count; i++)
        {
            if (!Same(a[i], b[i], rendering))
                return false;
        }
        return true;
    }

    private static bool SameDicts(DictValue a, DictValue b, Rendering rendering)
    {
        if (a.Items.Count != b.Items.Count)
            return false;
        foreach ((JinjaValue key, JinjaValue value) in a.Items)
        {
            if (b.Lookup(key) is not { } other || !Same(value, other, rendering))
                return false;
        }
        return true;
    }

    private static int OrderLists(List<JinjaValue> a, List<JinjaValue> b, Rendering rendering)
    {
        for (int i = 0; i < Math.Min(a.Count, b.Count); i++)
        {
            if (!Same(a[i], b[i], rendering))
                return Order(a[i], b[i], rendering);
        }
        return a.Count.CompareTo(b.Count);
    }
}
