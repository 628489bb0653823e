using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary><c>y = scaleₓ · x + scale_z · z</c>.</summary>
internal sealed class Sum : Operation
{
    private readonly Value _x, _y;
    private readonly Value? _z;
    private readonly float _scale, _other;

    private Sum(Value x, float scale, Value? z, float other, Value y) => (_x, _scale, _z, _other, _y) = (x, scale, z, other, y);

    /// <summary>Two values' sum.</summary>
    public static Value Of(Tape tape, Value x, Value z, float other = 1) => Of(tape, x, 1, z, other);

    /// <summary>A multiple of a value.</summary>
    public static Value Scaled(Tape tape, Value x, float scale) => Of(tape, x, scale, null, 0);

    private static Value Of(Tape tape, Value x, float scale, Value? z, float other)
    {
        Value y = tape.Rent(x.Rows, x.Columns, x.IsVaried || z is { IsVaried: true });
        tape.EachRow(x.Rows, row =>
        {
            TensorPrimitives.Multiply(x.Result[row], scale, y.Result[row]);
            if (z is not null)
                Rows.Add(z.Result[row], other, y.Result[row]);
        });
        return tape.Record(new Sum(x, scale, z, other, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        Matrix g = _y.Gradient(tape);
        if (_x.IsVaried)
            Rows.Add(g, _scale, _x.Gradient(tape));
        if (_z is { IsVaried: true })
            Rows.Add(g, _other, _z.Gradient(tape));
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        if (_x.HasTangent)
            Rows.Add(_x.Tangent(tape), _scale, _y.Tangent(tape));
        if (_z is { HasTangent: true })
            Rows.Add(_z.Tangent(tape), _other, _y.Tangent(tape));
    }
}
