using System.Buffers;
using System.Numerics.Tensors;
using Thimble.Compute.Memory;
using Thimble.Models.Blocks;

namespace Thimble.Lab.Training;

/// <summary><c>y = z ⊙ m / ‖V‖</c>, the lengths of V's rows, <c>V = W + s·B·A</c>.</summary>
/// <remarks>With <c>n = ‖V‖</c> and <c>t = Σ dy ⊙ z</c> over rows: <c>dz = dy ⊙ m/n; dm = t/n; dV = −(t·m/n³) V</c>, by row of V.</remarks>
internal sealed class Lengthened : Operation
{
    private const int Chunk = 64;   // rows of V that are there at a time

    private readonly Value _z, _y;
    private readonly Parameter _weight, _lengths;
    private readonly LowRank _turn;
    private readonly float[] _norms;

    private Lengthened(Value z, Parameter weight, LowRank turn, Parameter lengths, float[] norms, Value y) =>
        (_z, _weight, _turn, _lengths, _norms, _y) = (z, weight, turn, lengths, norms, y);

    /// <summary>Gives rows of V their lengths.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="z">V·x, shape [rows, outputs].</param>
    /// <param name="weight">W.</param>
    /// <param name="turn">s, B and A.</param>
    /// <param name="lengths">m, shape [1, outputs].</param>
    public static Value Of(Tape tape, Value z, Parameter weight, LowRank turn, Parameter lengths)
    {
        float[] norms = new float[weight.Rows];
        tape.EachRow(weight.Rows, row =>
        {
            float[] room = ArrayPool<float>.Shared.Rent(weight.Columns);
            weight.Read(row, room.AsSpan(0, weight.Columns));
            norms[row] = MagnitudeChange.Length(room.AsSpan(0, weight.Columns), turn.B.Values.Slice(row * turn.B.Columns, turn.B.Columns), turn.A.Values, turn.Scale);
            ArrayPool<float>.Shared.Return(room);
        });
        Value y = tape.Rent(z.Rows, z.Columns, isVaried: true);
        float[] factors = Factors(norms, lengths);
        tape.EachRow(z.Rows, row => TensorPrimitives.Multiply(z.Result[row], factors, y.Result[row]));
        return tape.Record(new Lengthened(z, weight, turn, lengths, norms, y), y);
    }

    /// <inheritdoc />
    public override void Pull(Tape tape)
    {
        if (!_y.HasGradient)
            return;

        Loan g = new(_y.Gradient(tape));
        float[] factors = Factors(_norms, _lengths), along = new float[_norms.Length];
        if (_z.IsVaried)
        {
            Loan dz = new(_z.Gradient(tape));
            tape.EachRow(g.Matrix.Rows, row => Rows.AddProduct(g.Matrix[row], factors, dz.Matrix[row]));
        }

        tape.EachColumns(along.Length, (first, count) =>
        {
            for (int row = 0; row < g.Matrix.Rows; row++)
                Rows.AddProduct(g.Matrix[row].Slice(first, count), _z.Result[row].Slice(first, count), along.AsSpan(first, count));
        });
        for (int i = 0; i < along.Length; i++)
        {
            _lengths.Gradient.Values[i] += along[i] / _norms[i];
            along[i] *= -_lengths.Values[i] / (_norms[i] * _norms[i] * _norms[i]);
        }

        PullTurn(tape, along);
    }

    /// <inheritdoc />
    public override void Push(Tape tape)
    {
        float[] factors = Factors(_norms, _lengths), moves = new float[_norms.Length], room = new float[_weight.Columns], turn = new float[_weight.Columns];
        int rank = _turn.B.Columns;
        for (int row = 0; row < moves.Length; row++)
        {
            _weight.Read(row, room);
            Array.Clear(turn);
            for (int i = 0; i < rank; i++)
            {
                Rows.Add(_turn.A.Values.Slice(i * turn.Length, turn.Length), _turn.Scale * _turn.B.Values[(row * rank) + i], room);
                if (_turn.B.HasTangent)
                    Rows.Add(_turn.A.Values.Slice(i * turn.Length, turn.Length), _turn.Scale * _turn.B.Tangent[row][i], turn);
                if (_turn.A.HasTangent)
                    Rows.Add(_turn.A.Tangent[i], _turn.Scale * _turn.B.Values[(row * rank) + i], turn);
            }

            moves[row] = (_lengths.HasTangent ? _lengths.Tangent.Values[row] / _norms[row] : 0)
                - (factors[row] * TensorPrimitives.Dot<float>(room, turn) / (_norms[row] * _norms[row]));
        }

        Matrix t = _y.Tangent(tape);
        for (int row = 0; row < t.Rows; row++)
        {
            Rows.AddProduct(_z.Result[row], moves, t[row]);
            if (_z.HasTangent)
                Rows.AddProduct(_z.Tangent(tape)[row], factors, t[row]);
        }
    }

    /// <summary>From the gradient of V, which is a factor on each of its rows, to those of A and B.</summary>
    private void PullTurn(Tape tape, float[] slopes)
    {
        int rank = _turn.B.Columns;
        for (int first = 0; first < slopes.Length; first += Chunk)
        {
            using Arena.Scope _ = tape.Scratch.Mark();
            int count = Math.Min(Chunk, slopes.Length - first);
            Matrix v = tape.Scratch.Rent(count, _weight.Columns), b = tape.Scratch.Rent(count, rank);
            for (int i = 0; i < count; i++)
            {
                _weight.Read(first + i, v[i]);
                for (int j = 0; j < rank; j++)
                    Rows.Add(_turn.A.Values.Slice(j * v.Columns, v.Columns), _turn.Scale * _turn.B.Values[((first + i) * rank) + j], v[i]);
                TensorPrimitives.Multiply(v[i], _turn.Scale * slopes[first + i], v[i]);
                _turn.B.Values.Slice((first + i) * rank, rank).CopyTo(b[i]);
            }

            tape.Gemm.MultiplyTurned(b, v, _turn.A.Gradient, adds: true);
            tape.Gemm.MultiplyByRows(v, new Matrix(_turn.A.Values, _turn.A.Columns), _turn.B.Gradient.Part(first, count), adds: true);
        }
    }

    private static float[] Factors(float[] norms, Parameter lengths)
    {
        float[] factors = new float[norms.Length];
        TensorPrimitives.Divide(lengths.Values, norms, factors);
        return factors;
    }
}
