using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary>Rotary positions: every head's pairs turn by their row's angles. The derivative is the same turn; its transpose turns back.</summary>
internal sealed class Rotary : Operation
{
    private readonly Rope _rope;
    private readonly int _size;
    private readonly Loan _angles;   // cosines, then sines, shape [rows, 2 · pairs]
    private readonly Value _x, _y;

    private Rotary(Rope rope, int size, Loan angles, Value x, Value y) => (_rope, _size, _angles, _x, _y) = (rope, size, angles, x, y);

    /// <summary>Turns.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">Shape [rows, heads · size].</param>
    /// <param name="size">Features of a head.</param>
    /// <param name="rope">How.</param>
    public static Value Of(Tape tape, Value x, int size, Rope rope)
    {
        int pairs = rope.Frequencies.Length;
        Loan angles = tape.Scratch.Lend(x.Rows, 2 * pairs);
        int[] positions = tape.Batch.Positions;
        Value y = tape.Rent(x.Rows, x.Columns, x.IsVaried);
        tape.EachRow(x.Rows, row =>
        {
            Span<float> own = angles.Matrix[row];
            for (int i = 0; i < pairs; i++)
            {
                (double sine, double cosine) = Math.SinCos(positions[row] * rope.Frequencies[i]);
                (own[i], own[pairs + i]) = ((float)cosine * rope.Magnitude, (float)sine * rope.Magnitude);
            }

            x.Result[row].CopyTo(y.Result[row]);
            rope.Rotate(y.Result[row], size, own);
        });
        return tape.Record(new Rotary(rope, size, angles, x, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (_y.HasGradient && _x.IsVaried)
            Turn(tape, new Loan(_y.Gradient(tape)), new Loan(_x.Gradient(tape)), back: true);
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        if (_x.HasTangent)
            Turn(tape, new Loan(_x.Tangent(tape)), new Loan(_y.Tangent(tape)), back: false);
    }

    private void Turn(Tape tape, Loan from, Loan to, bool back)
    {
        int width = 2 * _rope.Frequencies.Length, columns = from.Matrix.Columns;
        tape.EachRow(from.Matrix.Rows, row =>
        {
            float[] turned = from.Matrix[row].ToArray(), angles = _angles.Matrix[row].ToArray();
            for (int i = width / 2; back && i < width; i++)
                angles[i] = -angles[i];
            _rope.Rotate(turned, _size, angles);
            Rows.Add(turned, 1, to.Matrix[row][..columns]);
        });
    }
}
