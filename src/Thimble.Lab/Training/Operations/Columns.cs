using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>Neighbouring columns as a value of their own, or values side by side as one.</summary>
internal sealed class Columns : Operation
{
    private readonly Value _part, _whole;
    private readonly int _first;
    private readonly bool _joins;

    private Columns(Value part, Value whole, int first, bool joins) => (_part, _whole, _first, _joins) = (part, whole, first, joins);

    /// <summary>Some columns.</summary>
    public static Value Of(Tape tape, Value x, int first, int count)
    {
        Value y = tape.Rent(x.Rows, count, x.IsVaried);
        for (int row = 0; row < x.Rows; row++)
            x.Result[row].Slice(first, count).CopyTo(y.Result[row]);
        return tape.Record(new Columns(y, x, first, joins: false), y);
    }

    /// <summary>Values side by side.</summary>
    public static Value Joined(Tape tape, params Value[] parts)
    {
        Value y = tape.Rent(parts[0].Rows, parts.Sum(part => part.Columns), parts.Any(part => part.IsVaried));
        int first = 0;
        foreach (Value part in parts)
        {
            for (int row = 0; row < y.Rows; row++)
                part.Result[row].CopyTo(y.Result[row][first..]);
            tape.Record(new Columns(part, y, first, joins: true), y);
            first += part.Columns;
        }

        return y;
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (_joins ? _whole.HasGradient && _part.IsVaried : _part.HasGradient && _whole.IsVaried)
            Move(_part.Gradient(tape), _whole.Gradient(tape), toPart: _joins);
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        if (_joins ? _part.HasTangent : _whole.HasTangent)
            Move(_part.Tangent(tape), _whole.Tangent(tape), toPart: !_joins);
    }

    private void Move(Matrix part, Matrix whole, bool toPart)
    {
        for (int row = 0; row < part.Rows; row++)
        {
            Span<float> stretch = whole[row].Slice(_first, part.Columns);
            if (toPart)
                Rows.Add(stretch, 1, part[row]);
            else
                Rows.Add(part[row], 1, stretch);
        }
    }
}
