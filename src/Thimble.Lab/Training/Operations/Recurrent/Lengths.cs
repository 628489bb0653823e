using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>Neighbouring parts of rows divided by their lengths: <c>y = scale · x / max(|x|, least)</c>.</summary>
internal sealed class Lengths : Operation
{
    private readonly Value _x, _y;
    private readonly int _part;
    private readonly float _scale, _least;

    private Lengths(Value x, int part, float scale, float least, Value y) => (_x, _part, _scale, _least, _y) = (x, part, scale, least, y);

    /// <summary>Divides.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">Shape [rows, parts · part].</param>
    /// <param name="part">Features of a part.</param>
    /// <param name="scale">Factor.</param>
    /// <param name="least">The least length that is divided by.</param>
    public static Value Of(Tape tape, Value x, int part, float scale, float least)
    {
        Value y = tape.Rent(x.Rows, x.Columns, x.IsVaried);
        var operation = new Lengths(x, part, scale, least, y);
        tape.EachRow(x.Rows, row =>
        {
            for (int at = 0; at < x.Columns; at += part)
                TensorPrimitives.Multiply(x.Result[row].Slice(at, part), scale / Math.Max(operation.Length(row, at), least), y.Result[row].Slice(at, part));
        });
        return tape.Record(operation, y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (_y.HasGradient && _x.IsVaried)
            Turn(tape, new(_y.Gradient(tape)), new(_x.Gradient(tape)));
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        if (_x.HasTangent)
            Turn(tape, new(_x.Tangent(tape)), new(_y.Tangent(tape)));
    }

    /// <summary>Adds the derivative, a symmetric matrix: <c>scale / |x| · (g − x̂ (x̂·g))</c>.</summary>
    private void Turn(Tape tape, Loan g, Loan sum) => tape.EachRow(_x.Rows, row =>
    {
        for (int at = 0; at < _x.Columns; at += _part)
        {
            float length = Length(row, at);
            Span<float> from = g.Matrix[row].Slice(at, _part), to = sum.Matrix[row].Slice(at, _part), x = _x.Result[row].Slice(at, _part);
            Rows.Add(from, _scale / Math.Max(length, _least), to);
            if (length > _least)
                Rows.Add(x, -_scale * TensorPrimitives.Dot<float>(x, from) / (length * length * length), to);
        }
    });

    private float Length(int row, int at) => TensorPrimitives.Norm<float>(_x.Result[row].Slice(at, _part));
}
