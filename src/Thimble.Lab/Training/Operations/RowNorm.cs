using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>RMS norm <c>y = gain · x / √(mean(x²) + ε)</c>, or layer norm, which takes off the mean first and adds a bias;
/// of whole rows, or of neighbouring parts of them.</summary>
/// <remarks>With <c>n = x/σ</c>: <c>dx = (h − mean(h·n) · n − [centred] mean(h)) / σ</c>, where <c>h = gain · dy</c>.</remarks>
internal sealed class RowNorm : Operation
{
    private readonly Value _x, _y;
    private readonly NormShape _shape;
    private readonly Loan _deviations;   // 1/σ and mean of each part, shape [rows, 2 · parts]

    private RowNorm(Value x, NormShape shape, Loan deviations, Value y) => (_x, _shape, _deviations, _y) = (x, shape, deviations, y);

    /// <summary>Normalises.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">Shape [rows, features].</param>
    /// <param name="shape">What is normalised together, and its gain.</param>
    public static Value Of(Tape tape, Value x, NormShape shape)
    {
        Value y = tape.Rent(x.Rows, x.Columns, x.IsVaried || shape.Gain is { IsTrained: true } || shape.Bias is { IsTrained: true });
        Loan deviations = tape.Scratch.Lend(x.Rows, 2 * shape.Parts(x.Columns));
        tape.EachRow(x.Rows, row => shape.Forward(x.Result[row], deviations.Matrix[row], y.Result[row]));
        return tape.Record(new RowNorm(x, shape, deviations, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;

        Loan g = new(_y.Gradient(tape));
        if (_shape.Gain is { IsTrained: true } gain)
            tape.EachColumns(gain.Columns, (first, count) => PullGain(g, gain, first, count));
        if (_shape.Bias is { IsTrained: true } bias)
            PullBias(tape, g, bias);
        if (!_x.IsVaried)
            return;

        Loan dx = new(_x.Gradient(tape));
        tape.EachRow(_x.Rows, row => _shape.Through(_x.Result[row], _deviations.Matrix[row], g.Matrix[row], dx.Matrix[row], transposed: true));
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        Loan t = new(_y.Tangent(tape));
        for (int row = 0; row < _x.Rows; row++)
        {
            if (_x.HasTangent)
                _shape.Through(_x.Result[row], _deviations.Matrix[row], _x.Tangent(tape)[row], t.Matrix[row], transposed: false);
            if (_shape.Gain is { HasTangent: true } gain)
                PushGain(row, gain.Tangent.Values, t.Matrix[row]);
            for (int at = 0; _shape.Bias is { HasTangent: true } bias && at < t.Matrix.Columns; at += bias.Columns)
                Rows.Add(bias.Tangent.Values, 1, t.Matrix[row].Slice(at, bias.Columns));
        }
    }

    private void PullGain(Loan g, Parameter gain, int first, int count)
    {
        Span<float> sum = gain.Gradient.Values;
        int size = _shape.Size(_x.Columns);
        for (int row = 0; row < _x.Rows; row++)
        {
            ReadOnlySpan<float> x = _x.Result[row], dy = g.Matrix[row], deviations = _deviations.Matrix[row];
            for (int at = 0; at < x.Length; at += gain.Columns)
            {
                for (int i = first; i < first + count; i++)
                {
                    int part = (at + i) / size;
                    sum[i] += dy[at + i] * (x[at + i] - deviations[(2 * part) + 1]) * deviations[2 * part];
                }
            }
        }
    }

    private void PushGain(int row, ReadOnlySpan<float> direction, Span<float> t)
    {
        ReadOnlySpan<float> x = _x.Result[row], deviations = _deviations.Matrix[row];
        int size = _shape.Size(_x.Columns);
        for (int i = 0; i < x.Length; i++)
            t[i] += direction[i % direction.Length] * (x[i] - deviations[(2 * (i / size)) + 1]) * deviations[2 * (i / size)];
    }

    private static void PullBias(Tape tape, Loan g, Parameter bias) => tape.EachColumns(bias.Columns, (first, count) =>
    {
        Span<float> sum = bias.Gradient.Values.Slice(first, count);
        for (int row = 0; row < g.Matrix.Rows; row++)
        {
            for (int at = 0; at < g.Matrix.Columns; at += bias.Columns)
                Rows.Add(g.Matrix[row].Slice(at + first, count), 1, sum);
        }
    });
}

/// <summary>What a norm does.</summary>
/// <param name="Gain">Factor on each feature, shape [1, features] or [1, features of a part]; null for 1.</param>
/// <param name="Bias">Added to each, likewise; null for 0.</param>
/// <param name="Epsilon">Added to the mean square.</param>
/// <param name="Centred">Whether the mean is taken off first.</param>
/// <param name="Part">Features normalised together; 0 for the whole row.</param>
internal sealed record NormShape(Parameter? Gain, Parameter? Bias, float Epsilon, bool Centred, int Part = 0)
{
    /// <summary>Features normalised together.</summary>
    public int Size(int columns) => Part == 0 ? columns : Part;

    /// <summary>Parts of a row.</summary>
    public int Parts(int columns) => columns / Size(columns);

    /// <summary>Normalises a row.</summary>
    /// <param name="x">Shape [features].</param>
    /// <param name="deviations">Receives 1/σ and mean of each part.</param>
    /// <param name="y">Receives the outcome.</param>
    public void Forward(ReadOnlySpan<float> x, Span<float> deviations, Span<float> y)
    {
        int size = Size(x.Length);
        for (int part = 0; part * size < x.Length; part++)
        {
            ReadOnlySpan<float> from = x.Slice(part * size, size);
            Span<float> to = y.Slice(part * size, size);
            float mean = Centred ? TensorPrimitives.Sum(from) / size : 0;
            TensorPrimitives.Subtract(from, mean, to);
            float inverse = 1 / MathF.Sqrt((TensorPrimitives.SumOfSquares<float>(to) / size) + Epsilon);
            (deviations[2 * part], deviations[(2 * part) + 1]) = (inverse, mean);
            TensorPrimitives.Multiply(to, inverse, to);
        }

        for (int at = 0; Gain is not null && at < y.Length; at += Gain.Columns)
            TensorPrimitives.Multiply(y.Slice(at, Gain.Columns), Gain.Values, y.Slice(at, Gain.Columns));
        for (int at = 0; Bias is not null && at < y.Length; at += Bias.Columns)
            Rows.Add(Bias.Values, 1, y.Slice(at, Bias.Columns));
    }

    /// <summary>Adds what the norm's derivative at x makes of a direction, or its transpose of a gradient.</summary>
    public void Through(ReadOnlySpan<float> x, ReadOnlySpan<float> deviations, ReadOnlySpan<float> direction, Span<float> outcome, bool transposed)
    {
        int size = Size(x.Length);
        Span<float> h = size <= 1024 ? stackalloc float[size] : new float[size], n = size <= 1024 ? stackalloc float[size] : new float[size];
        for (int part = 0; part * size < x.Length; part++)
        {
            float inverse = deviations[2 * part], mean = deviations[(2 * part) + 1];
            Gained(direction, part * size, transposed, h);
            TensorPrimitives.Subtract(x.Slice(part * size, size), mean, n);
            TensorPrimitives.Multiply(n, inverse, n);
            float along = TensorPrimitives.Dot<float>(h, n) / size, level = Centred ? TensorPrimitives.Sum<float>(h) / size : 0;
            TensorPrimitives.Subtract(h, level, h);
            TensorPrimitives.MultiplyAdd(n, -along, h, h);
            TensorPrimitives.Multiply(h, inverse, h);
            if (!transposed)
                Gained(h, 0, transposed: true, n, part * size);
            Rows.Add(transposed ? h : n, 1, outcome.Slice(part * size, size));
        }
    }

    /// <summary>A part of a row, times the gain where that comes here.</summary>
    private void Gained(ReadOnlySpan<float> row, int from, bool transposed, Span<float> part, int place = -1)
    {
        row.Slice(from, part.Length).CopyTo(part);
        if (Gain is not null && transposed)
            TensorPrimitives.Multiply(part, Gain.Values.Slice((place < 0 ? from : place) % Gain.Columns, part.Length), part);
    }
}
