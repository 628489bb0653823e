using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>The first rows of each sequence of a batch become given ones, the same for all sequences.</summary>
internal sealed class Placed : Operation
{
    private readonly Value _x, _given, _y;
    private readonly (int First, int Count)[] _segments;

    private Placed(Value x, Value given, (int, int)[] segments, Value y) => (_x, _given, _segments, _y) = (x, given, segments, y);

    /// <summary>Puts rows in place of others.</summary>
    /// <param name="tape">The tape; its batch tells where sequences begin.</param>
    /// <param name="x">Shape [rows, columns].</param>
    /// <param name="given">Shape [given rows, columns].</param>
    public static Value Of(Tape tape, Value x, Value given)
    {
        Value y = tape.Rent(x.Rows, x.Columns, x.IsVaried || given.IsVaried);
        x.Result.Values.CopyTo(y.Result.Values);
        foreach ((int first, _) in tape.Batch.Segments)
            given.Result.Values.CopyTo(y.Result.Part(first, given.Rows).Values);
        return tape.Record(new Placed(x, given, tape.Batch.Segments, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        Matrix g = _y.Gradient(tape);
        foreach ((int first, int count) in _segments)
        {
            if (_given.IsVaried)
                Rows.Add(g.Part(first, _given.Rows), 1, _given.Gradient(tape));
            if (_x.IsVaried)
                Rows.Add(g.Part(first + _given.Rows, count - _given.Rows), 1, _x.Gradient(tape).Part(first + _given.Rows, count - _given.Rows));
        }
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        Matrix t = _y.Tangent(tape);
        foreach ((int first, int count) in _segments)
        {
            if (_given.HasTangent)
                Rows.Add(_given.Tangent(tape), 1, t.Part(first, _given.Rows));
            if (_x.HasTangent)
                Rows.Add(_x.Tangent(tape).Part(first + _given.Rows, count - _given.Rows), 1, t.Part(first + _given.Rows, count - _given.Rows));
        }
    }
}
