using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary><c>y = x ⊙ z</c>, value by value, or a column of factors, one for each row of x.</summary>
internal sealed class Product : Operation
{
    private readonly Value _x, _z, _y;

    private Product(Value x, Value z, Value y) => (_x, _z, _y) = (x, z, y);

    /// <summary>Two values' product.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">Shape [rows, columns].</param>
    /// <param name="z">Shape [rows, columns], or [rows, 1].</param>
    public static Value Of(Tape tape, Value x, Value z)
    {
        Value y = tape.Rent(x.Rows, x.Columns, x.IsVaried || z.IsVaried);
        y.Result.Values.Clear();
        Multiply(tape, x.Result, z.Result, y.Result);
        return tape.Record(new Product(x, z, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        Matrix g = _y.Gradient(tape);
        if (_x.IsVaried)
            Multiply(tape, g, _z.Result, _x.Gradient(tape));
        if (!_z.IsVaried)
            return;
        if (_z.Columns == _x.Columns)
        {
            Multiply(tape, g, _x.Result, _z.Gradient(tape));
            return;
        }

        Matrix factors = _z.Gradient(tape);
        for (int row = 0; row < g.Rows; row++)
            factors[row][0] += System.Numerics.Tensors.TensorPrimitives.Dot<float>(g[row], _x.Result[row]);
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        if (_x.HasTangent)
            Multiply(tape, _x.Tangent(tape), _z.Result, _y.Tangent(tape));
        if (_z.HasTangent)
            Multiply(tape, _x.Result, _z.Tangent(tape), _y.Tangent(tape));
    }

    /// <summary>Adds the product.</summary>
    private static void Multiply(Tape tape, Matrix x, Matrix z, Matrix y)
    {
        Loan a = new(x), b = new(z), sum = new(y);
        bool each = z.Columns == x.Columns;
        tape.EachRow(x.Rows, row =>
        {
            if (each)
                Rows.AddProduct(a.Matrix[row], b.Matrix[row], sum.Matrix[row]);
            else
                Rows.Add(a.Matrix[row], b.Matrix[row][0], sum.Matrix[row]);
        });
    }
}
