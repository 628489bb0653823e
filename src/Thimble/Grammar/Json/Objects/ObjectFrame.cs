using System.Numerics;

namespace Thimble.Grammar;

/// <summary>A place in an object between its keys and values.</summary>
internal sealed class ObjectFrame : Frame
{
    private enum Phase : byte
    {
        Open,
        Colon,
        Value,
        After,
        Comma,
    }

    private static readonly ByteSet[] s_openers = [.. ((string[])["\"}", ":", "", ",}", "\""]).Select(JsonParts.SpaceOr)];

    private readonly Phase _phase;
    private readonly byte _space;
    private readonly int _count, _missing, _filled;
    private readonly ulong[] _seen;
    private readonly Known? _others;
    private readonly ValueRule? _value;

    /// <summary>The place behind the opening brace.</summary>
    public ObjectFrame(ObjectShape shape, Frame parent)
        : base(parent)
    {
        Shape = shape;
        _seen = new ulong[shape.Required.Length];
        foreach (ulong word in shape.Required)
            _missing += BitOperations.PopCount(word);
    }

    private ObjectFrame(ObjectFrame from, Phase phase, byte space, int label = -1, Known? others = null, int fills = 0, ValueRule? value = null)
        : base(from.Parent)
    {
        (Shape, _phase, _space, _value) = (from.Shape, phase, space, value);
        (_count, _missing, _filled, _seen, _others) = (from._count, from._missing, from._filled | fills, from._seen, others ?? from._others);
        if (label < 0)
            return;
        _count++;
        if (label >= Shape.Names.Length)
            return;
        _seen = [.. _seen];
        _seen[label >> 6] |= 1UL << (label & 63);
        _missing -= Shape.IsRequired(label) ? 1 : 0;
    }

    /// <summary>What the object is like.</summary>
    public ObjectShape Shape { get; }

    /// <inheritdoc />
    public override bool CanEnd => false;

    /// <inheritdoc />
    public override ByteSet Openers => _phase == Phase.Value ? JsonParts.ValueBytes : s_openers[(int)_phase];

    /// <summary>Whether a key that has no name here may come.</summary>
    public bool TakesOthers => HasRoom;

    private bool HasRoom => Shape.Most == Term.Unbounded || _count + _missing < Shape.Most;

    private bool CanClose => _missing == 0 && _count >= Shape.Least && _filled == (1 << Shape.ExistsCount) - 1;

    /// <summary>Whether one of some names may come.</summary>
    public bool TakesName(int first, int last)
    {
        for (int name = first; name < last; name++)
        {
            if (TakesName(name))
                return true;
        }

        return false;
    }

    /// <summary>Goes on behind a key.</summary>
    /// <param name="label">Which key.</param>
    /// <param name="trace">Its bytes.</param>
    /// <param name="next">Receives where the text then may stand.</param>
    public void Name(int label, Trace? trace, Threads next)
    {
        bool isNamed = label < Shape.Names.Length;
        if (isNamed ? !TakesName(label) : !TakesOthers)
            return;
        Known? others = isNamed ? null : new(Trace.Bytes(trace), _others);
        int mayFill = Shape.ExistsCount == 0 ? 0 : Shape.Fills(label) & ~_filled;
        for (int fills = mayFill; ; fills = (fills - 1) & mayFill)
        {
            if (Shape.Value(label, fills) is { } value)
            {
                var frame = new ObjectFrame(this, Phase.Colon, 0, label, others, fills, value);
                if (frame.CanBeFilled())
                    next.Add(frame);
            }

            if (fills == 0)
                break;
        }
    }

    /// <inheritdoc />
    public override void Step(byte value, Threads next)
    {
        int space = JsonParts.Space(_space, value, Depth + 1);
        if (space >= 0)
        {
            next.Add(new ObjectFrame(this, _phase, (byte)space, value: _value));
            return;
        }

        switch (_phase)
        {
            case Phase.Open or Phase.Comma when value == '"':
                if (MayGoOn())
                    next.Add(new KeyFrame(Shape.Start, this, null, Known.All(_others), 0));
                break;
            case Phase.Open or Phase.After when value == '}':
                if (CanClose)
                    next.Add(Parent!.Resume());
                break;
            case Phase.After when value == ',':
                if (MayGoOn())
                    next.Add(new ObjectFrame(this, Phase.Comma, 0));
                break;
            case Phase.Colon when value == ':':
                next.Add(new ObjectFrame(this, Phase.Value, 0, value: _value));
                break;
            case Phase.Value when Depth < Deepest:
                _value!.Enter(value, new ObjectFrame(this, Phase.After, 0), next);
                break;
            default:
                break;
        }
    }

    private bool TakesName(int name) =>
        (_seen[name >> 6] >> (name & 63) & 1) == 0 && (Shape.IsRequired(name) || HasRoom) && Shape.IsNamedAlive(name);

    private bool MayGoOn() => _count < Shape.Most && (TakesName(0, Shape.Names.Length) || (TakesOthers && Shape.Start.Others is not null));

    /// <summary>Whether every need without a name can still be filled.</summary>
    private bool CanBeFilled()
    {
        for (int exists = 0; exists < Shape.ExistsCount; exists++)
        {
            if ((_filled >> exists & 1) == 0 && !Shape.CanExist(exists, _seen))
                return false;
        }

        return true;
    }

    private protected override bool IsAlike(Frame other) =>
        other is ObjectFrame frame && ReferenceEquals(frame.Shape, Shape) && frame._phase == _phase && frame._space == _space && frame._count == _count
        && frame._filled == _filled && ReferenceEquals(frame._value, _value) && frame._seen.AsSpan().SequenceEqual(_seen) && Known.Same(frame._others, _others);
}
