namespace Thimble.Models.Chat;

/// <summary>The variable <c>loop</c>: where a loop stands. It looks ahead only when asked to.</summary>
internal sealed class LoopValue : JinjaValue
{
    private readonly IEnumerator<JinjaValue> _source;
    private readonly Rendering _rendering;
    private readonly int _depth;
    private readonly Func<JinjaValue, JinjaValue>? _deeper;
    private readonly Queue<JinjaValue> _ahead = new();
    private int _index = -1;
    private JinjaValue? _previous, _current, _lastChanged;

    public LoopValue(IEnumerable<JinjaValue> source, Rendering rendering, int depth, Func<JinjaValue, JinjaValue>? deeper)
    {
        _source = source.GetEnumerator();
        _rendering = rendering;
        _depth = depth;
        _deeper = deeper;
    }

    public override string Kind => "LoopContext";

    public override bool IsTrue => true;

    public JinjaValue Current => _current!;

    public override void PrintQuoted(Printer to) => to.Append("<LoopContext>");

    public bool Advance()
    {
        if (!LookAhead(1))
            return false;
        _previous = _current;
        _current = _ahead.Dequeue();
        _index++;
        return true;
    }

    public override JinjaValue? Attribute(string name, Rendering rendering) => name switch
    {
        "index" => Of(_index + 1L),
        "index0" => Of((long)_index),
        "first" => Of(_index == 0),
        "last" => Of(!LookAhead(1)),
        "length" => Of((long)Count()),
        "revindex" => Of((long)Count() - _index),
        "revindex0" => Of((long)Count() - _index - 1),
        "previtem" => _previous ?? new UndefinedValue("the item before the first"),
        "nextitem" => LookAhead(1) ? _ahead.Peek() : new UndefinedValue("the item after the last"),
        "depth" => Of((long)_depth),
        "depth0" => Of(_depth - 1L),
        "cycle" => new FunctionValue("cycle", Cycle),
        "changed" => new FunctionValue("changed", Changed),
        _ => null,
    };

    public override JinjaValue Call(Rendering rendering, Arguments arguments) => _deeper is null || arguments.Places.Count != 1
        ? throw rendering.Fault("'loop' can be called with one list, and only in a loop marked 'recursive'.")
        : _deeper(arguments.Places[0]);

    private bool LookAhead(int count)
    {
        while (_ahead.Count < count && _source.MoveNext())
        {
            _rendering.Step();
            _ahead.Enqueue(_source.Current);
        }
        return _ahead.Count >= count;
    }

    private int Count()
    {
        LookAhead(int.MaxValue);
        return _index + 1 + _ahead.Count;
    }

    private JinjaValue Cycle(Rendering rendering, Arguments arguments) => arguments.Places.Count == 0
        ? throw rendering.Fault("'loop.cycle' wants at least one value.")
        : arguments.Places[_index % arguments.Places.Count];

    private BooleanValue Changed(Rendering rendering, Arguments arguments)
    {
        var now = new ListValue(arguments.Places);
        bool isChanged = _lastChanged is null || !Comparing.Same(_lastChanged, now, rendering);
        _lastChanged = now;
        return isChanged ? BooleanValue.True : BooleanValue.False;
    }
}
