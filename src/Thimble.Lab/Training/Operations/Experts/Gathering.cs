using System.Numerics.Tensors;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>Experts' outcomes added to the rows that chose them, each by its share: <c>y[row of pick i] += shareᵢ · zᵢ</c>.</summary>
internal sealed class Gathering : Operation
{
    private readonly (Value Outcome, int[] Picks)[] _parts;
    private readonly Value? _shares;
    private readonly Value _y;
    private readonly int _used;

    private Gathering((Value Outcome, int[] Picks)[] parts, Value? shares, int used, Value y) => (_parts, _shares, _used, _y) = (parts, shares, used, y);

    /// <summary>Gathers.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="parts">Each expert's outcome, and where among all choices, row by row, it was chosen; in the experts' order.</param>
    /// <param name="shares">Shape [rows, used]; null where outcomes have no share.</param>
    /// <param name="used">Choices of a row.</param>
    /// <param name="rows">Rows of the sum.</param>
    public static Value Of(Tape tape, (Value Outcome, int[] Picks)[] parts, Value? shares, int used, int rows)
    {
        Value y = tape.Rent(rows, parts[0].Outcome.Columns, shares is { IsVaried: true } || Array.Exists(parts, part => part.Outcome.IsVaried));
        y.Result.Values.Clear();
        foreach ((Value outcome, int[] picks) in parts)
        {
            for (int i = 0; i < picks.Length; i++)
                Rows.Add(outcome.Result[i], shares?.Result.Values[picks[i]] ?? 1, y.Result[picks[i] / used]);
        }

        return tape.Record(new Gathering(parts, shares, used, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;
        Matrix g = _y.Gradient(tape);
        foreach ((Value outcome, int[] picks) in _parts)
        {
            for (int i = 0; i < picks.Length; i++)
            {
                if (outcome.IsVaried)
                    Rows.Add(g[picks[i] / _used], _shares?.Result.Values[picks[i]] ?? 1, outcome.Gradient(tape)[i]);
                if (_shares is { IsVaried: true })
                    _shares.Gradient(tape).Values[picks[i]] += TensorPrimitives.Dot<float>(g[picks[i] / _used], outcome.Result[i]);
            }
        }
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        Matrix t = _y.Tangent(tape);
        foreach ((Value outcome, int[] picks) in _parts)
        {
            for (int i = 0; i < picks.Length; i++)
            {
                if (outcome.HasTangent)
                    Rows.Add(outcome.Tangent(tape)[i], _shares?.Result.Values[picks[i]] ?? 1, t[picks[i] / _used]);
                if (_shares is { HasTangent: true })
                    Rows.Add(outcome.Result[i], _shares.Tangent(tape).Values[picks[i]], t[picks[i] / _used]);
            }
        }
    }
}
