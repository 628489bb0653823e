namespace Thimble.Models.Chat;

/// <summary>The functions every template can call.</summary>
internal static class Globals
{
    /// <summary>Puts the functions into the outermost scope.</summary>
    public static void Define(Scope scope)
    {
        Define(scope, "range", Range);
        Define(scope, "dict", Dict);
        Define(scope, "namespace", Namespace);
        Define(scope, "cycler", Cycler);
        Define(scope, "joiner", Joiner);
        Define(scope, "raise_exception", Raise);
        Define(scope, "strftime_now", Now);
    }

    private static void Define(Scope scope, string name, Func<Rendering, Arguments, JinjaValue> body) =>
        scope.Set(name, new FunctionValue(name, body));

    private static RangeValue Range(Rendering rendering, Arguments arguments)
    {
        long[] bounds = [.. arguments.Places.Select(place => Numbers.IsWhole(place, out long whole)
            ? whole
            : throw rendering.Fault($"'range' wants whole numbers and got {place.Kind}."))];
        if (bounds.Length is 0 or > 3 || (bounds.Length == 3 && bounds[2] == 0))
            throw rendering.Fault("'range' wants a stop, or a start, a stop and a step that is not zero.");
        Int128 start = bounds.Length == 1 ? 0 : bounds[0], stop = bounds.Length == 1 ? bounds[0] : bounds[1];
        Int128 step = bounds.Length == 3 ? bounds[2] : 1;
        var count = Int128.Max(0, step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step);
        rendering.CheckLength(count > long.MaxValue ? long.MaxValue : (long)count);
        return new((long)start, (long)stop, (long)step, (int)count);
    }

    private static DictValue Dict(Rendering rendering, Arguments arguments)
    {
        var dict = new DictValue();
        foreach (JinjaValue place in arguments.Places)
            DictMethods.Merge(dict, place, rendering);
        foreach ((string name, JinjaValue value) in arguments.Names)
            dict[name] = value;
        return dict;
    }

    private static NamespaceValue Namespace(Rendering rendering, Arguments arguments)
    {
        var made = new NamespaceValue();
        foreach ((JinjaValue name, JinjaValue value) in Dict(rendering, arguments).Items)
            made.Items[rendering.Text(name)] = value;
        return made;
    }

    private static NamespaceValue Cycler(Rendering rendering, Arguments arguments)
    {
        if (arguments.Places.Count == 0)
            throw rendering.Fault("'cycler' wants at least one value.");
        int at = 0;
        var cycler = new NamespaceValue();
        Show();
        cycler.Items["next"] = new FunctionValue("next", (_, _) =>
        {
            JinjaValue current = arguments.Places[at];
            at = (at + 1) % arguments.Places.Count;
            Show();
            return current;
        });
        cycler.Items["reset"] = new FunctionValue("reset", (_, _) =>
        {
            at = 0;
            Show();
            return NoneValue.Instance;
        });
        return cycler;

        void Show() => cycler.Items["current"] = arguments.Places[at];
    }

    private static FunctionValue Joiner(Rendering rendering, Arguments arguments)
    {
        JinjaValue between = arguments.Bind("joiner", ["sep"], 0, rendering)[0] ?? JinjaValue.Of(", ");
        bool isUsed = false;
        return new("joiner", (_, _) =>
        {
            JinjaValue now = isUsed ? between : TextValue.Empty;
            isUsed = true;
            return now;
        });
    }

    private static JinjaValue Raise(Rendering rendering, Arguments arguments) =>
        throw new ArgumentException($"The chat template refuses these messages ({rendering.At}): {string.Concat(arguments.Places.Select(rendering.Text))}");

    private static JinjaValue Now(Rendering rendering, Arguments arguments)
    {
        string format = rendering.Text(arguments.Bind("strftime_now", ["format"], 1, rendering)[0]!);
        return JinjaValue.Of(TimeText.Format(rendering.Clock.GetLocalNow(), format, rendering));
    }
}
