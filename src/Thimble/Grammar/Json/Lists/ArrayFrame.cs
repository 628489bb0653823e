namespace Thimble.Grammar;

/// <summary>A place in a list between its items.</summary>
internal sealed class ArrayFrame : Frame
{
    private static readonly ByteSet s_open = JsonParts.ValueBytes | JsonParts.SpaceOr("]"), s_after = JsonParts.SpaceOr(",]");

    private readonly ArrayShape _shape;
    private readonly State _place;
    private readonly byte _space;
    private readonly int _count;
    private readonly int[] _counted;
    private readonly Known? _items;

    private enum State : byte
    {
        Open,
        After,
        Comma,
    }

    /// <summary>The place behind the opening bracket.</summary>
    public ArrayFrame(ArrayShape shape, Frame parent)
        : base(parent)
    {
        (_shape, _counted) = (shape, new int[shape.Kinds]);
    }

    private ArrayFrame(ArrayFrame from, State place, byte space, int count, int[] counted, Known? items)
        : base(from.Parent)
    {
        (_shape, _place, _space, _count, _counted, _items) = (from._shape, place, space, count, counted, items);
    }

    /// <inheritdoc />
    public override bool CanEnd => false;

    /// <inheritdoc />
    public override ByteSet Openers => _place switch
    {
        State.Open => s_open,
        State.After => s_after,
        _ => JsonParts.ValueBytes,
    };

    /// <inheritdoc />
    public override void Step(byte value, Threads next)
    {
        int space = JsonParts.Space(_space, value, Depth + 1);
        if (space >= 0)
            next.Add(new ArrayFrame(this, _place, (byte)space, _count, _counted, _items));
        else if (value == ']' && _place != State.Comma)
            Close(next);
        else if (_place == State.After)
            Comma(value, next);
        else if (_count < _shape.Most && Depth < Deepest)
            Item(value, next);
    }

    /// <summary>Goes on behind an item that may not come again.</summary>
    public Frame Behind(byte[] item) => new ArrayFrame(this, State.After, 0, _count + 1, _counted, new(item, _items));

    private void Close(Threads next)
    {
        if (_shape.CanClose(_count, _counted))
            next.Add(Parent!.Resume());
    }

    private void Comma(byte value, Threads next)
    {
        if (value != ',' || _count >= _shape.Most)
            return;
        for (int kinds = 0; kinds < 1 << _shape.Kinds; kinds++)
        {
            if (_shape.Item(_count, kinds, _counted) is null)
                continue;
            next.Add(new ArrayFrame(this, State.Comma, 0, _count, _counted, _items));
            return;
        }
    }

    private void Item(byte value, Threads next)
    {
        for (int kinds = 0; kinds < 1 << _shape.Kinds; kinds++)
        {
            if (_shape.Item(_count, kinds, _counted) is not { } rule)
                continue;
            if (_shape.IsDistinct)
            {
                DistinctItem.Enter(rule.Distinct, value, this, Known.All(_items), next);
                continue;
            }

            int[] counted = [.. _counted];
            for (int kind = 0; kind < counted.Length; kind++)
                counted[kind] += kinds >> kind & 1;
            if (_shape.CanStillCount(_count + 1, counted))
                rule.Enter(value, new ArrayFrame(this, State.After, 0, _count + 1, counted, _items), next);
        }
    }

    private protected override bool IsAlike(Frame other) =>
        other is ArrayFrame frame && ReferenceEquals(frame._shape, _shape) && frame._place == _place && frame._space == _space && frame._count == _count
        && frame._counted.AsSpan().SequenceEqual(_counted) && Known.Same(frame._items, _items);
}
