using System.Numerics.Tensors;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary><c>y = f(x)</c>, or gated <c>y = f(x) ⊙ up</c>.</summary>
internal sealed class Activation : Operation
{
    private readonly Nonlinearity _function;
    private readonly Value _x, _y;
    private readonly Value? _up;

    private Activation(Nonlinearity function, Value x, Value? up, Value y) => (_function, _x, _up, _y) = (function, x, up, y);

    /// <summary>Applies a function.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="function">f.</param>
    /// <param name="x">Shape [rows, columns].</param>
    /// <param name="up">What the outcome is multiplied by, of the same shape; null for nothing.</param>
    public static Value Of(Tape tape, Nonlinearity function, Value x, Value? up = null)
    {
        Value y = tape.Rent(x.Rows, x.Columns, x.IsVaried || up is { IsVaried: true });
        tape.EachRow(x.Rows, row =>
        {
            x.Result[row].CopyTo(y.Result[row]);
            if (up is null)
                function.Apply(y.Result[row]);
            else
                function.Gate(y.Result[row], up.Result[row]);
        });
        return tape.Record(new Activation(function, x, up, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        Loan g = new(_y.Gradient(tape)), dx = _x.IsVaried ? new(_x.Gradient(tape)) : default, dup = _up is { IsVaried: true } ? new(_up.Gradient(tape)) : default;
        Each(tape, (row, room) =>
        {
            if (!dx.IsEmpty)
                Rows.AddProduct(Slope(row, room), g.Matrix[row], dx.Matrix[row]);
            if (!dup.IsEmpty)
                Rows.AddProduct(Image(row, room), g.Matrix[row], dup.Matrix[row]);
        });
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        Loan t = new(_y.Tangent(tape)), tx = _x.HasTangent ? new(_x.Tangent(tape)) : default, tup = _up is { HasTangent: true } ? new(_up.Tangent(tape)) : default;
        Each(tape, (row, room) =>
        {
            if (!tx.IsEmpty)
                Rows.AddProduct(Slope(row, room), tx.Matrix[row], t.Matrix[row]);
            if (!tup.IsEmpty)
                Rows.AddProduct(Image(row, room), tup.Matrix[row], t.Matrix[row]);
        });
    }

    private void Each(Tape tape, Action<int, float[]> work)
    {
        int columns = _x.Columns;
        tape.EachRow(_x.Rows, row =>
        {
            float[] room = System.Buffers.ArrayPool<float>.Shared.Rent(columns);
            work(row, room);
            System.Buffers.ArrayPool<float>.Shared.Return(room);
        });
    }

    /// <summary>The outcome's derivative by x.</summary>
    private Span<float> Slope(int row, float[] room)
    {
        Span<float> slopes = room.AsSpan(0, _x.Columns);
        _function.Slopes(_x.Result[row], slopes);
        if (_up is not null)
            TensorPrimitives.Multiply(slopes, _up.Result[row], slopes);
        return slopes;
    }

    /// <summary>f(x).</summary>
    private Span<float> Image(int row, float[] room)
    {
        Span<float> image = room.AsSpan(0, _x.Columns);
        _x.Result[row].CopyTo(image);
        _function.Apply(image);
        return image;
    }
}
