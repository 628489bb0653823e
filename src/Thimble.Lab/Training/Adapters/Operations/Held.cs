using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>A parameter as a value of its own, not of a row of tokens.</summary>
internal sealed class Held : Operation
{
    private readonly Parameter _parameter;
    private readonly Value _y;

    private Held(Parameter parameter, Value y) => (_parameter, _y) = (parameter, y);

    /// <summary>The parameter's numbers.</summary>
    public static Value Of(Tape tape, Parameter parameter)
    {
        Value y = tape.Rent(parameter.Rows, parameter.Columns, parameter.IsTrained);
        for (int row = 0; row < y.Rows; row++)
            parameter.Read(row, y.Result[row]);
        return tape.Record(new Held(parameter, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (_y.HasGradient && _parameter.IsTrained)
            Rows.Add(_y.Gradient(tape), 1, _parameter.Gradient);
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        if (_parameter.HasTangent)
            Rows.Add(_parameter.Tangent, 1, _y.Tangent(tape));
    }
}

/// <summary><c>y = p · x</c> with a number p that is trained.</summary>
internal sealed class Factored : Operation
{
    private readonly Parameter _factor;
    private readonly Value _x, _y;

    private Factored(Parameter factor, Value x, Value y) => (_factor, _x, _y) = (factor, x, y);

    /// <summary>Multiplies.</summary>
    public static Value Of(Tape tape, Value x, Parameter factor)
    {
        Value y = tape.Rent(x.Rows, x.Columns, x.IsVaried || factor.IsTrained);
        System.Numerics.Tensors.TensorPrimitives.Multiply(x.Result.Values, factor.Values[0], y.Result.Values);
        return tape.Record(new Factored(factor, x, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        Matrix g = _y.Gradient(tape);
        if (_x.IsVaried)
            Rows.Add(g, _factor.Values[0], _x.Gradient(tape));
        double sum = 0;
        for (int row = 0; row < g.Rows; row++)
            sum += System.Numerics.Tensors.TensorPrimitives.Dot<float>(g[row], _x.Result[row]);
        if (_factor.IsTrained)
            _factor.Gradient.Values[0] += (float)sum;
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        if (_x.HasTangent)
            Rows.Add(_x.Tangent(tape), _factor.Values[0], _y.Tangent(tape));
        if (_factor.HasTangent)
            Rows.Add(_x.Result, _factor.Tangent.Values[0], _y.Tangent(tape));
    }
}
