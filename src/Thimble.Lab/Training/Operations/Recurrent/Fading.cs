using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>How much heads keep and how wide their step is: <c>Δ = softplus(z + bias)</c> and <c>kept = e^(A·Δ)</c>, side by side as [kept, Δ].</summary>
internal sealed class Fading : Operation
{
    private readonly Value _z, _y;
    private readonly Parameter _bias, _a;

    private Fading(Value z, Parameter bias, Parameter a, Value y) => (_z, _bias, _a, _y) = (z, bias, a, y);

    /// <summary>Computes both.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="z">Shape [rows, heads].</param>
    /// <param name="bias">Shape [1, heads].</param>
    /// <param name="a">A, shape [1, heads].</param>
    /// <returns>Shape [rows, 2 · heads].</returns>
    public static Value Of(Tape tape, Value z, Parameter bias, Parameter a)
    {
        Value y = tape.Rent(z.Rows, 2 * z.Columns, z.IsVaried || bias.IsTrained || a.IsTrained);
        tape.EachRow(z.Rows, row =>
        {
            for (int i = 0; i < z.Columns; i++)
            {
                float sum = z.Result[row][i] + bias.Values[i], step = sum > 20 ? sum : MathF.Log(1 + MathF.Exp(sum));
                y.Result[row][i] = MathF.Exp(a.Values[i] * step);
                y.Result[row][z.Columns + i] = step;
            }
        });
        return tape.Record(new Fading(z, bias, a, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        int heads = _z.Columns;
        Matrix g = _y.Gradient(tape);
        for (int row = 0; row < _z.Rows; row++)
        {
            for (int i = 0; i < heads; i++)
            {
                (float kept, float step, float slope) = At(row, i);
                float byExponent = g[row][i] * kept, bySum = ((byExponent * _a.Values[i]) + g[row][heads + i]) * slope;
                if (_z.IsVaried)
                    _z.Gradient(tape)[row][i] += bySum;
                if (_bias.IsTrained)
                    _bias.Gradient.Values[i] += bySum;
                if (_a.IsTrained)
                    _a.Gradient.Values[i] += byExponent * step;
            }
        }
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        int heads = _z.Columns;
        Matrix t = _y.Tangent(tape);
        for (int row = 0; row < _z.Rows; row++)
        {
            for (int i = 0; i < heads; i++)
            {
                (float kept, float step, float slope) = At(row, i);
                float moved = slope * ((_z.HasTangent ? _z.Tangent(tape)[row][i] : 0) + (_bias.HasTangent ? _bias.Tangent.Values[i] : 0));
                t[row][heads + i] += moved;
                t[row][i] += kept * ((_a.Values[i] * moved) + (_a.HasTangent ? _a.Tangent.Values[i] * step : 0));
            }
        }
    }

    private (float Kept, float Step, float Slope) At(int row, int head) =>
        (_y.Result[row][head], _y.Result[row][_z.Columns + head], 1 / (1 + MathF.Exp(-(_z.Result[row][head] + _bias.Values[head]))));
}
