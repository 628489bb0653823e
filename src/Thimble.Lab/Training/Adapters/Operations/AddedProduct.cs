using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary><c>y = y + s · x·Bᵀ</c>, in y's own room: an adapter's product leaves no values of the weight's size behind.</summary>
internal sealed class AddedProduct : Operation
{
    private readonly Value _x, _y;
    private readonly Parameter _b;
    private readonly float _scale;

    private AddedProduct(Value x, Parameter b, float scale, Value y) => (_x, _b, _scale, _y) = (x, b, scale, y);

    /// <summary>Adds.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">Shape [rows, rank].</param>
    /// <param name="b">B, shape [outputs, rank]; trained.</param>
    /// <param name="scale">s.</param>
    /// <param name="y">Shape [rows, outputs]; computed by an operation that does not ask for it again. It is changed.</param>
    /// <returns>The sum, in the same room.</returns>
    public static Value Of(Tape tape, Value x, Parameter b, float scale, Value y)
    {
        using (tape.Scratch.Mark())
            tape.Gemm.MultiplyByRows(Scaled(tape, x.Result, scale), b.Read(tape.Scratch), y.Result, adds: true);
        Value sum = y.IsVaried || y.HasTangent ? y : new Value(new Loan(y.Result), isVaried: true);
        return tape.Record(new AddedProduct(x, b, scale, sum), sum);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        Matrix g = _y.Gradient(tape);
        Loan dx = new(_x.Gradient(tape));   // rented before the mark
        using Arena.Scope _ = tape.Scratch.Mark();
        tape.Gemm.MultiplyTurned(g, Scaled(tape, _x.Result, _scale), _b.Gradient, adds: true);
        Matrix part = tape.Scratch.Rent(_x.Rows, _x.Columns);
        tape.Gemm.Multiply(g, _b.Read(tape.Scratch), part);
        Rows.Add(part, _scale, dx.Matrix);
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        Matrix t = _y.Tangent(tape);
        using Arena.Scope _ = tape.Scratch.Mark();
        if (_x.HasTangent)
            tape.Gemm.MultiplyByRows(Scaled(tape, _x.Tangent(tape), _scale), _b.Read(tape.Scratch), t, adds: true);
        if (_b.HasTangent)
            tape.Gemm.MultiplyByRows(Scaled(tape, _x.Result, _scale), _b.ReadTangent(tape.Scratch), t, adds: true);
    }

    private static Matrix Scaled(Tape tape, Matrix x, float scale)
    {
        Matrix scaled = tape.Scratch.Rent(x.Rows, x.Columns);
        TensorPrimitives.Multiply(x.Values, scale, scaled.Values);
        return scaled;
    }
}
