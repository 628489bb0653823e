namespace Thimble.Grammar;

/// <summary>Where the reading of an object's key stands, behind the opening quote.</summary>
internal sealed class KeyState : State
{
    private readonly ObjectShape _shape;
    private readonly State _text;
    private readonly State[] _patterns;
    private readonly int _depth;

    /// <summary>The start of any key of a shape.</summary>
    public KeyState(ObjectShape shape)
        : this(shape, 0, shape.Names.Length, 0, JsonParts.Key, [.. shape.Patterns.Select(pattern => new Automaton(shape.Terms, pattern).Start)], shape.OtherKeys)
    {
    }

    private KeyState(ObjectShape shape, int first, int last, int depth, State text, State[] patterns, State? others)
        : base(ByteClasses.Each)
    {
        (_shape, First, Last, _depth, _text, _patterns, Others) = (shape, first, last, depth, text, patterns, others);
        IsFree = shape.TakesAnyKey;
    }

    /// <summary>The first name that may still come of it.</summary>
    public int First { get; }

    /// <summary>The name behind the last that may.</summary>
    public int Last { get; }

    /// <summary>Where it stands among the other keys; null where it can be none.</summary>
    public State? Others { get; }

    private protected override State Compute(byte value)
    {
        if (value == '"' && _text.Accepts)
            return Close();

        State text = _text[value];
        State? others = Others?[value];
        if (ReferenceEquals(others, Dead))
            others = null;
        int first = First, last = Last;
        while (first < last && !Goes(first, value))
            first++;
        while (last > first && !Goes(last - 1, value))
            last--;
        if (ReferenceEquals(text, Dead) || (first == last && others is null))
            return Dead;
        if (first == last && _patterns.Length == 0 && others is not null && First == Last && ReferenceEquals(text, _text))
            return this;
        return new KeyState(_shape, first, last, first < last ? _depth + 1 : 0, text, [.. _patterns.Select(pattern => pattern[value])], others);
    }

    private bool Goes(int name, byte value) => _shape.Spelled[name].Length > _depth && _shape.Spelled[name][_depth] == value;

    private State Close()
    {
        // Of the names that begin so, the one that ends here is the first.
        if (First < Last && _shape.Spelled[First].Length == _depth)
            return _shape.IsNamedAlive(First) ? new KeyEnd(First, isChecked: true) : Dead;
        if (Others is null || !Others.Accepts)
            return Dead;
        int matched = 0;
        for (int i = 0; i < _patterns.Length; i++)
            matched |= _patterns[i].Accepts ? 1 << i : 0;
        return _shape.Other(matched) is null ? Dead : new KeyEnd(_shape.Names.Length + matched, isChecked: false);
    }
}
