using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary><c>y = x + bias</c>, where the bias is a stretch of a longer one that several products share.</summary>
internal sealed class Shift : Operation
{
    private readonly Value _x, _y;
    private readonly Parameter _bias;
    private readonly int _first;

    private Shift(Value x, Parameter bias, int first, Value y) => (_x, _bias, _first, _y) = (x, bias, first, y);

    /// <summary>Adds the bias from <paramref name="first"/> on.</summary>
    public static Value Of(Tape tape, Value x, Parameter bias, int first)
    {
        Value y = tape.Rent(x.Rows, x.Columns, x.IsVaried || bias.IsTrained);
        tape.EachRow(x.Rows, row =>
        {
            x.Result[row].CopyTo(y.Result[row]);
            Rows.Add(bias.Values.Slice(first, x.Columns), 1, y.Result[row]);
        });
        return tape.Record(new Shift(x, bias, first, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        Loan g = new(_y.Gradient(tape));
        if (_x.IsVaried)
            Rows.Add(g.Matrix, 1, _x.Gradient(tape));
        if (!_bias.IsTrained)
            return;
        tape.EachColumns(_x.Columns, (first, count) =>
        {
            Span<float> sum = _bias.Gradient.Values.Slice(_first + first, count);
            for (int row = 0; row < g.Matrix.Rows; row++)
                Rows.Add(g.Matrix[row].Slice(first, count), 1, sum);
        });
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        Matrix t = _y.Tangent(tape);
        if (_x.HasTangent)
            Rows.Add(_x.Tangent(tape), 1, t);
        for (int row = 0; _bias.HasTangent && row < t.Rows; row++)
            Rows.Add(_bias.Tangent.Values.Slice(_first, t.Columns), 1, t[row]);
    }
}
