namespace Thimble.Models.Chat;

/// <summary>What a macro does: it binds its arguments in a scope of its own and gives the text its body writes.</summary>
internal sealed record MacroBody(string Name, List<MacroParameter> Parameters, BlockStatement Body, bool TakesMore, bool TakesMoreNames)
{
    /// <summary>The macro as a value; names it does not bind itself it reads where it was defined.</summary>
    public FunctionValue Bind(Scope defined)
    {
        var macro = new FunctionValue(Name, (rendering, arguments) => Call(defined, rendering, arguments));
        macro.Attributes["name"] = JinjaValue.Of(Name);
        macro.Attributes["arguments"] = new ListValue([.. Parameters.Select(parameter => JinjaValue.Of(parameter.Name))], isTuple: true);
        return macro;
    }

    private TextValue Call(Scope defined, Rendering rendering, Arguments arguments)
    {
        rendering.Enter();
        Scope scope = defined.Inner();
        BindExtras(scope, rendering, arguments);
        for (int i = 0; i < Parameters.Count; i++)
        {
            MacroParameter parameter = Parameters[i];
            bool isNamed = arguments.Names.TryGetValue(parameter.Name, out JinjaValue? named);
            if (isNamed && i < arguments.Places.Count)
                throw rendering.Fault($"macro '{Name}' got its parameter '{parameter.Name}' twice.");
            scope.Set(parameter.Name, i < arguments.Places.Count
                ? arguments.Places[i]
                : named ?? parameter.Standard?.Evaluate(scope) ?? new UndefinedValue($"parameter '{parameter.Name}' of macro '{Name}'"));
        }
        string text = rendering.Capture(() => Body.Run(scope));
        rendering.Leave();
        return new(text);
    }

    private void BindExtras(Scope scope, Rendering rendering, Arguments arguments)
    {
        if (arguments.Places.Count > Parameters.Count && !TakesMore)
            throw rendering.Fault($"macro '{Name}' takes at most {Parameters.Count} arguments and got {arguments.Places.Count}.");
        scope.Set("varargs", new ListValue([.. arguments.Places.Skip(Parameters.Count)], isTuple: true));

        var more = new DictValue();
        scope.Set("caller", new UndefinedValue("'caller' outside a call block"));
        foreach ((string name, JinjaValue value) in arguments.Names)
        {
            if (Parameters.Exists(parameter => parameter.Name == name))
                continue;
            if (name == "caller")
                scope.Set(name, value);
            else if (TakesMoreNames)
                more[name] = value;
            else
                throw rendering.Fault($"macro '{Name}' has no parameter '{name}'; it has: {string.Join(", ", Parameters.Select(known => known.Name))}.");
        }
        scope.Set("kwargs", more);
    }
}
