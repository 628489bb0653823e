using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary><c>y[t] = bias + Σⱼ w[j] ⊙ x[t − taps + 1 + j]</c>, each channel by itself, within its sequence.</summary>
internal sealed class CausalConvolution : Operation
{
    private readonly Value _x, _y;
    private readonly Parameter _w;
    private readonly Parameter? _bias;
    private readonly (int First, int Count)[] _segments;

    private CausalConvolution(Value x, Parameter w, Parameter? bias, (int, int)[] segments, Value y) => (_x, _w, _bias, _segments, _y) = (x, w, bias, segments, y);

    /// <summary>Convolves.</summary>
    /// <param name="tape">The tape; its batch says which rows are one sequence.</param>
    /// <param name="x">Shape [rows, channels].</param>
    /// <param name="w">The oldest token's first, shape [1, taps · channels].</param>
    /// <param name="bias">Shape [1, channels]; null for none.</param>
    public static Value Of(Tape tape, Value x, Parameter w, Parameter? bias)
    {
        Value y = tape.Rent(x.Rows, x.Columns, x.IsVaried || w.IsTrained || bias is { IsTrained: true });
        var operation = new CausalConvolution(x, w, bias, tape.Batch.Segments, y);
        tape.EachRow(x.Rows, row =>
        {
            if (bias is null)
                y.Result[row].Clear();
            else
                bias.Values.CopyTo(y.Result[row]);
        });
        operation.Each(tape, (tap, from, to) => Rows.AddProduct(operation.Tap(w.Values, tap), x.Result[from], y.Result[to]));
        return tape.Record(operation, y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        Loan g = new(_y.Gradient(tape)), dx = _x.IsVaried ? new(_x.Gradient(tape)) : default;
        if (_x.IsVaried)
            Each(tape, (tap, from, to) => Rows.AddProduct(Tap(_w.Values, tap), g.Matrix[to], dx.Matrix[from]), gathers: true);
        if (_bias is { IsTrained: true })
            LinearMap.AddColumns(tape, g, _bias);
        if (_w.IsTrained)
            tape.EachColumns(_x.Columns, (first, count) => PullTaps(g, first, count));
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        Loan t = new(_y.Tangent(tape)), tx = _x.HasTangent ? new(_x.Tangent(tape)) : default;
        if (_x.HasTangent)
            Each(tape, (tap, from, to) => Rows.AddProduct(Tap(_w.Values, tap), tx.Matrix[from], t.Matrix[to]));
        if (_w.HasTangent)
            Each(tape, (tap, from, to) => Rows.AddProduct(Tap(_w.Tangent.Values, tap), _x.Result[from], t.Matrix[to]));
        for (int row = 0; _bias is { HasTangent: true } && row < _y.Rows; row++)
            Rows.Add(_bias.Tangent.Values, 1, t.Matrix[row]);
    }

    /// <summary>Every tap of every row that it reaches; the row written to (or, where it gathers, read from) is one member's.</summary>
    private void Each(Tape tape, Action<int, int, int> work, bool gathers = false)
    {
        int taps = _w.Length / _x.Columns;
        foreach ((int first, int count) in _segments)
        {
            tape.EachRow(count, row =>
            {
                for (int tap = 0; tap < taps; tap++)
                {
                    int other = gathers ? row + taps - 1 - tap : row - taps + 1 + tap;
                    if (other < 0 || other >= count)
                        continue;
                    if (gathers)
                        work(tap, first + row, first + other);
                    else
                        work(tap, first + other, first + row);
                }
            });
        }
    }

    private void PullTaps(Loan g, int at, int channels)
    {
        int taps = _w.Length / _x.Columns;
        foreach ((int first, int count) in _segments)
        {
            for (int row = 0; row < count; row++)
            {
                for (int tap = Math.Max(0, taps - 1 - row); tap < taps; tap++)
                    Rows.AddProduct(_x.Result[first + row - taps + 1 + tap].Slice(at, channels), g.Matrix[first + row].Slice(at, channels), Tap(_w.Gradient.Values, tap).Slice(at, channels));
            }
        }
    }

    private Span<float> Tap(Span<float> all, int tap) => all.Slice(tap * _x.Columns, _x.Columns);
}
