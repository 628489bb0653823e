using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary><c>y = scale · x·Wᵀ + bias</c>, through trained, frozen and quantised weights alike.</summary>
/// <remarks>Cost: 2 · rows · inputs · outputs operations forward, and as many for each of the gradients of x and W that is wanted.</remarks>
internal sealed class LinearMap : Operation
{
    private readonly Value _x, _y;
    private readonly Parameter _w;
    private readonly Parameter? _bias;
    private readonly float _scale;

    private LinearMap(Value x, Parameter w, Parameter? bias, float scale, Value y) => (_x, _w, _bias, _scale, _y) = (x, w, bias, scale, y);

    /// <summary>Multiplies.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">Shape [rows, inputs].</param>
    /// <param name="w">Shape [outputs, inputs].</param>
    /// <param name="bias">Shape [1, outputs]; null for none.</param>
    /// <param name="scale">Factor on the product.</param>
    /// <returns>Shape [rows, outputs].</returns>
    public static Value Of(Tape tape, Value x, Parameter w, Parameter? bias = null, float scale = 1)
    {
        Value y = tape.Rent(x.Rows, w.Rows, x.IsVaried || w.IsTrained || bias is { IsTrained: true });
        using (tape.Scratch.Mark())
            tape.Gemm.MultiplyByRows(x.Result, w.Read(tape.Scratch), y.Result);
        if (scale != 1)
            TensorPrimitives.Multiply(y.Result.Values, scale, y.Result.Values);
        if (bias is not null)
            tape.EachRow(y.Rows, row => Rows.Add(bias.Values, 1, y.Result[row]));
        return tape.Record(new LinearMap(x, w, bias, scale, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;

        if (_bias is { IsTrained: true })
            AddColumns(tape, new Loan(_y.Gradient(tape)), _bias);
        if (_x.IsVaried)
            _x.Gradient(tape);   // rented before the mark
        using Arena.Scope _ = tape.Scratch.Mark();
        Matrix g = Scaled(tape, _y.Gradient(tape));
        if (_x.IsVaried)
            tape.Gemm.Multiply(g, _w.Read(tape.Scratch), _x.Gradient(tape), adds: true);
        if (_w.IsTrained)
            tape.Gemm.MultiplyTurned(g, _x.Result, _w.Gradient, adds: true);
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        Matrix t = _y.Tangent(tape);
        if (_bias is { HasTangent: true })
        {
            for (int row = 0; row < t.Rows; row++)
                Rows.Add(_bias.Tangent.Values, 1, t[row]);
        }

        using Arena.Scope _ = tape.Scratch.Mark();
        if (_x.HasTangent)
            tape.Gemm.MultiplyByRows(Scaled(tape, _x.Tangent(tape)), _w.Read(tape.Scratch), t, adds: true);
        if (_w.HasTangent)
            tape.Gemm.MultiplyByRows(Scaled(tape, _x.Result), _w.ReadTangent(tape.Scratch), t, adds: true);
    }

    /// <summary>Adds all rows of a matrix to a vector's gradient.</summary>
    public static void AddColumns(Tape tape, Loan rows, Parameter vector) => tape.EachColumns(vector.Columns, (first, count) =>
    {
        Span<float> sum = vector.Gradient.Values.Slice(first, count);
        for (int row = 0; row < rows.Matrix.Rows; row++)
            Rows.Add(rows.Matrix[row].Slice(first, count), 1, sum);
    });

    private Matrix Scaled(Tape tape, Matrix x)
    {
        if (_scale == 1)
            return x;
        Matrix scaled = tape.Scratch.Rent(x.Rows, x.Columns);
        TensorPrimitives.Multiply(x.Values, _scale, scaled.Values);
        return scaled;
    }
}
