namespace Thimble.Grammar;

/// <summary>Where a reader of bytes stands in an automaton. States are made when first reached.</summary>
internal abstract class State
{
    private readonly State?[] _next;
    private readonly ByteClasses _classes;
    private State?[]? _behind;
    private sbyte _total;   // 1 for yes, -1 for no, 0 where nobody has looked
    private long _size = -1;

    private protected State(ByteClasses classes)
    {
        _classes = classes;
        _next = new State?[classes.Representatives.Length];
    }

    /// <summary>Nothing may follow.</summary>
    public static State Dead { get; } = new DeadState();

    /// <summary>Stands for several states.</summary>
    public static State Split { get; } = new DeadState();

    /// <summary>Whether any text of characters that have a kind (<see cref="CharacterKind"/>) may follow, as in what only asks for something somewhere.</summary>
    public bool IsTotal
    {
        get
        {
            if (_total != 0)
                return _total > 0;
            HashSet<State> seen = [];
            bool isTotal = CharacterKind.IsTotal(this, seen);
            _total = (sbyte)(isTotal ? 1 : -1);
            foreach (State state in isTotal || seen.Count > CharacterKind.MostStates ? seen : [])
                state._total = _total;   // also where there were too many to tell: who begins further on would look at as many
            return isTotal;
        }
    }

    /// <summary>Whether the text may end here.</summary>
    public bool Accepts { get; private protected init; }

    /// <summary>Whether it accepts and no byte may follow.</summary>
    public bool IsFinal { get; private protected init; }

    /// <summary>Whether the automaton can be left here while bytes may still follow in it, or a rule entered.</summary>
    public bool HasExits { get; private protected init; }

    /// <summary>Whether it can be passed through whatever has come before; otherwise the frame decides.</summary>
    public bool IsFree { get; private protected init; } = true;

    /// <summary>Whether what stands around decides if this, a final state, may be reached.</summary>
    public bool IsChecked { get; private protected init; }

    /// <summary>The automaton it belongs to; null where it has none.</summary>
    public virtual object? Origin => null;

    /// <summary>How many texts there are from here on; <see cref="long.MaxValue"/> for very many.</summary>
    public long Size => _size >= 0 ? _size : _size = StateCount.Of(this);

    /// <summary>The rules that may be entered here, and where each leads.</summary>
    public virtual IReadOnlyList<(Rule Rule, State Then)> Calls => [];

    /// <summary>The state behind a byte; <see cref="Dead"/> where none is.</summary>
    public State this[byte value]
    {
        get
        {
            int at = _classes[value];
            return _next[at] ??= Compute(_classes.Representatives[at]);
        }
    }

    /// <summary>The state behind any character of a kind; <see cref="Split"/> where they lead to several, or to one that is not merely passed through.</summary>
    public State Behind(byte kind)
    {
        State?[] known = _behind ??= new State?[CharacterKind.Count];
        return known[kind] ??= CharacterKind.Behind(this, kind);
    }

    /// <summary>The bytes that may come first, calls looked through.</summary>
    public bool[] FirstBytes()
    {
        bool[] first = new bool[256];
        var probe = new Threads();
        for (int value = 0; value < 256; value++)
        {
            probe.Clear();
            TermFrame.Step(this, EndFrame.Last, (byte)value, probe);
            first[value] = probe.Count > 0;
        }

        return first;
    }

    private protected abstract State Compute(byte value);

    private sealed class DeadState() : State(ByteClasses.None)
    {
        private protected override State Compute(byte value) => this;
    }
}
