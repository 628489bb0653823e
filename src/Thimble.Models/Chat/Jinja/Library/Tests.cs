namespace Thimble.Models.Chat;

/// <summary>The tests of <c>x is test</c>.</summary>
internal static class Tests
{
    private static readonly Dictionary<string, Builtin> s_tests = Builtin.Table(
    [
        Of("defined(x)", x => x is not UndefinedValue),
        Of("undefined(x)", x => x is UndefinedValue),
        Of("none(x)", x => x is NoneValue),
        Of("string(x)", x => x is TextValue),
        Of("mapping(x)", x => x is DictValue),
        Of("sequence(x)", x => x.IsIndexed && x.Length is not null),
        Of("callable(x)", x => x is FunctionValue),
        Of("number(x)", x => Numbers.IsNumber(x, out _)),
        Of("integer(x)", x => x is IntegerValue),
        Of("float(x)", x => x is FloatValue),
        Of("boolean(x)", x => x is BooleanValue),
        Of("true(x)", x => x == BooleanValue.True),
        Of("false(x)", x => x == BooleanValue.False),
        Of("escaped(x)", x => x is TextValue { IsSafe: true }),
        Of("even(x)", (x, rendering) => Whole(x, rendering) % 2 == 0),
        Of("odd(x)", (x, rendering) => Whole(x, rendering) % 2 != 0),
        Of("lower(x)", (x, rendering) => rendering.Text(x) is var text && text.Any(char.IsLetter) && !text.Any(char.IsUpper)),
        Of("upper(x)", (x, rendering) => rendering.Text(x) is var text && text.Any(char.IsLetter) && !text.Any(char.IsLower)),
        Of("iterable(x)", (x, rendering) => x is not FunctionValue && x.Elements(rendering) is not null),
        Of("filter(name)", (x, rendering) => AllFilters.Knows(rendering.Text(x))),
        Of("test(name)", (x, rendering) => Knows(rendering.Text(x))),
        Of("divisibleby(x, by)", (x, y, rendering) => Whole(x, rendering) % Whole(y, rendering) == 0),
        Of("sameas(x, other)", (x, y, rendering) => ReferenceEquals(x, y) || (x is not (ListValue or DictValue) && x.Kind == y.Kind && x.Equals(y))),
        Of("in(x, container)", (x, y, rendering) => Comparing.Contains(y, x, rendering)),
        .. Alike(["==", "eq", "equalto"], (x, y, rendering) => Comparing.Same(x, y, rendering)),
        .. Alike(["!=", "ne"], (x, y, rendering) => !Comparing.Same(x, y, rendering)),
        .. Alike(["<", "lt", "lessthan"], (x, y, rendering) => Comparing.Order(x, y, rendering) < 0),
        .. Alike(["<=", "le"], (x, y, rendering) => Comparing.Order(x, y, rendering) <= 0),
        .. Alike([">", "gt", "greaterthan"], (x, y, rendering) => Comparing.Order(x, y, rendering) > 0),
        .. Alike([">=", "ge"], (x, y, rendering) => Comparing.Order(x, y, rendering) >= 0),
    ]);

    public static bool Knows(string name) => s_tests.ContainsKey(name);

    /// <summary>Whether a test holds of a value.</summary>
    public static bool Holds(string name, JinjaValue value, Arguments arguments, Rendering rendering) =>
        s_tests.TryGetValue(name, out Builtin? test)
            ? test.Call(rendering, arguments.After(value)).IsTrue
            : throw rendering.Fault($"the test '{name}' is unknown; known: {string.Join(", ", s_tests.Keys.Order(StringComparer.Ordinal))}.");

    private static Builtin Of(string head, Func<JinjaValue, bool> holds) =>
        Builtin.Of(head, (_, bound) => JinjaValue.Of(holds(bound[0]!)));

    private static Builtin Of(string head, Func<JinjaValue, Rendering, bool> holds) =>
        Builtin.Of(head, (rendering, bound) => JinjaValue.Of(holds(bound[0]!, rendering)));

    private static Builtin Of(string head, Func<JinjaValue, JinjaValue, Rendering, bool> holds) =>
        Builtin.Of(head, (rendering, bound) => JinjaValue.Of(holds(bound[0]!, bound[1]!, rendering)));

    private static IEnumerable<Builtin> Alike(string[] names, Func<JinjaValue, JinjaValue, Rendering, bool> holds) =>
        names.Select(name => Of(name + "(x, other)", holds));

    private static long Whole(JinjaValue value, Rendering rendering) => Numbers.IsWhole(value, out long whole)
        ? whole
        : throw rendering.Fault($"the test wants a whole number and got {value.Kind}.");
}
