using System.Numerics.Tensors;

namespace Thimble.Lab.Training;

/// <summary>The rows that an expert was chosen for, <c>yᵢ = x[row of pick i]</c>, or that row times its share.</summary>
internal sealed class Picking : Operation
{
    private readonly Value _x, _y;
    private readonly Value? _shares;
    private readonly int[] _picks;
    private readonly int _used;

    private Picking(Value x, Value? shares, int[] picks, int used, Value y) => (_x, _shares, _picks, _used, _y) = (x, shares, picks, used, y);

    /// <summary>Picks rows.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">Shape [rows, features].</param>
    /// <param name="shares">Shape [rows, used]; null where inputs have no share.</param>
    /// <param name="picks">Where among all choices, row by row, the expert was chosen.</param>
    /// <param name="used">Choices of a row.</param>
    public static Value Of(Tape tape, Value x, Value? shares, int[] picks, int used)
    {
        Value y = tape.Rent(picks.Length, x.Columns, x.IsVaried || shares is { IsVaried: true });
        for (int i = 0; i < picks.Length; i++)
            TensorPrimitives.Multiply(x.Result[picks[i] / used], shares?.Result.Values[picks[i]] ?? 1, y.Result[i]);
        return tape.Record(new Picking(x, shares, picks, used, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        for (int i = 0; i < _picks.Length; i++)
        {
            Span<float> g = _y.Gradient(tape)[i];
            int row = _picks[i] / _used;
            if (_x.IsVaried)
                Rows.Add(g, _shares?.Result.Values[_picks[i]] ?? 1, _x.Gradient(tape)[row]);
            if (_shares is { IsVaried: true })
                _shares.Gradient(tape).Values[_picks[i]] += TensorPrimitives.Dot<float>(g, _x.Result[row]);
        }
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        for (int i = 0; i < _picks.Length; i++)
        {
            int row = _picks[i] / _used;
            if (_x.HasTangent)
                Rows.Add(_x.Tangent(tape)[row], _shares?.Result.Values[_picks[i]] ?? 1, _y.Tangent(tape)[i]);
            if (_shares is { HasTangent: true })
                Rows.Add(_x.Result[row], _shares.Tangent(tape).Values[_picks[i]], _y.Tangent(tape)[i]);
        }
    }
}
