namespace Thimble.Grammar;

/// <summary>Where the reading of an object's key stands, behind the opening quote.</summary>
internal sealed class KeyState : State
{
    private readonly ObjectShape _shape;
    private readonly State[] _patterns;

    /// <summary>The start of any key of a shape.</summary>
    public KeyState(ObjectShape shape)
        : this(shape, new(0, shape.Names.Length, 0, shape.AnyText, shape.OtherKeys, [.. shape.Patterns.Select(pattern => new Automaton(shape.Terms, pattern).Start)]))
    {
    }

    private KeyState(ObjectShape shape, KeyPlace place)
        : base(ByteClasses.Each)
    {
        (_shape, First, Last, Depth, Text, Others, _patterns) = (shape, place.First, place.Last, place.Depth, place.Text, place.Others, place.Patterns);
        IsFree = place.Others is not null;
    }

    /// <summary>The first name that may still come of it.</summary>
    public int First { get; }

    /// <summary>The name behind the last that may.</summary>
    public int Last { get; }

    /// <summary>Where it stands among the other keys; null where it can be none.</summary>
    public State? Others { get; }

    /// <summary>Where it stands as a text.</summary>
    public State Text { get; }

    /// <summary>Bytes read, where a name may still come.</summary>
    public int Depth { get; }

    private protected override State Compute(byte value)
    {
        State text = Text[value];
        if (text.IsFinal)
            return Close();
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
        State[] patterns = _patterns.Length == 0 ? [] : Array.ConvertAll(_patterns, pattern => pattern[value]);
        (int depth, first, last) = first < last ? (Depth + 1, first, last) : (0, 0, 0);
        return _shape.Intern(new(first, last, depth, text, others, patterns), static (shape, key) => new KeyState(shape, key));
    }

    private bool Goes(int name, byte value) => _shape.Spelled[name].Length > Depth && _shape.Spelled[name][Depth] == value;

    private State Close()
    {
        // Of the names that begin so, the one that ends here is the first.
        if (First < Last && _shape.Spelled[First].Length == Depth)
            return _shape.IsNamedAlive(First) ? new KeyEnd(First, isChecked: true) : Dead;
        if (Others is null || !Others.Accepts)
            return Dead;
        int matched = 0;
        for (int i = 0; i < _patterns.Length; i++)
            matched |= _patterns[i].Accepts ? 1 << i : 0;
        return _shape.Other(matched) is null ? Dead : new KeyEnd(_shape.Names.Length + matched, isChecked: _shape.ExistsCount > 0);
    }
}
