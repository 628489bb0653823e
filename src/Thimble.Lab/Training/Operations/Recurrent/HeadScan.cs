using System.Numerics.Tensors;

namespace Thimble.Lab.Training;

/// <summary>One head over one sequence: forward, and both derivatives.</summary>
/// <param name="shape">The head.</param>
/// <param name="tokens">Tokens.</param>
internal sealed class HeadScan(ScannedHead shape, int tokens)
{
    private readonly int _size = shape.Keys * shape.Values;
    private readonly float[] _written = new float[shape.Values];   // u
    private float[] _states = [];   // S before the first token and after each, shape [tokens + 1, keys, values]

    /// <summary>Computes the outcomes.</summary>
    public void Forward(ScannedRows at)
    {
        _states = new float[_size];
        for (int token = 0; token < tokens; token++)
            Step(at, token, _states, _states, at.O(token, shape));
    }

    /// <summary>Adds to the gradients of queries, keys, values and rates.</summary>
    /// <param name="at">The numbers.</param>
    /// <param name="gradients">Their gradients; that of the outcome is read.</param>
    /// <returns>The gradient of D.</returns>
    public float Pull(ScannedRows at, ScannedRows gradients)
    {
        Keep(at);
        float[] carried = new float[_size], faded = new float[_size], held = new float[shape.Values], byWritten = new float[shape.Values];
        float skip = 0;
        for (int token = tokens - 1; token >= 0; token--)
        {
            ReadOnlySpan<float> k = at.K(token, shape), q = at.Q(token, shape), v = at.V(token, shape), dy = gradients.O(token, shape);
            ReadOnlySpan<float> before = State(token), after = State(token + 1);
            (float a, float b) = (at.A(token), at.B(token));
            skip += TensorPrimitives.Dot(dy, v);
            Rows.Add(dy, shape.Skip, gradients.V(token, shape));
            TensorPrimitives.Multiply(before, a, faded);
            Held(faded, k, held);
            Write(v, held, b);
            byWritten.AsSpan().Clear();
            Span<float> dq = gradients.Q(token, shape), dk = gradients.K(token, shape);
            for (int i = 0; i < shape.Keys; i++)
            {
                Span<float> row = Row(carried, i);
                Rows.Add(dy, q[i], row);
                dq[i] += TensorPrimitives.Dot(Seen(after, i), dy);
                dk[i] += TensorPrimitives.Dot<float>(row, _written);
                Rows.Add(row, k[i], byWritten);
            }

            for (int i = 0; i < held.Length; i++)
                gradients.B(token) += byWritten[i] * (v[i] - (shape.Removes ? held[i] : 0));
            Rows.Add(byWritten, b, gradients.V(token, shape));
            for (int i = 0; shape.Removes && i < shape.Keys; i++)
            {
                dk[i] -= b * TensorPrimitives.Dot<float>(Row(faded, i), byWritten);
                Rows.Add(byWritten, -b * k[i], Row(carried, i));
            }

            gradients.A(token) += TensorPrimitives.Dot(carried, before);
            TensorPrimitives.Multiply(carried, a, carried);
        }

        return skip;
    }

    /// <summary>Adds to the outcome's tangents.</summary>
    /// <param name="at">The numbers.</param>
    /// <param name="tangents">Their tangents; those of the outcome are added to.</param>
    /// <param name="skip">The tangent of D.</param>
    public void Push(ScannedRows at, ScannedRows tangents, float skip)
    {
        Keep(at);
        float[] moved = new float[_size], faded = new float[_size], held = new float[shape.Values], heldMoved = new float[shape.Values], other = new float[shape.Values], written = new float[shape.Values];
        for (int token = 0; token < tokens; token++)
        {
            ReadOnlySpan<float> k = at.K(token, shape), v = at.V(token, shape), tk = tangents.K(token, shape), tv = tangents.V(token, shape);
            TensorPrimitives.Multiply(State(token), at.A(token), faded);
            TensorPrimitives.Multiply(moved, at.A(token), moved);
            Rows.Add(State(token), tangents.A(token), moved);
            Held(faded, k, held);
            Held(moved, k, heldMoved);
            Held(faded, tk, other);
            Write(v, held, at.B(token));
            for (int i = 0; i < written.Length; i++)
            {
                float taken = shape.Removes ? held[i] : 0, takenMoved = shape.Removes ? heldMoved[i] + other[i] : 0;
                written[i] = (tangents.B(token) * (v[i] - taken)) + (at.B(token) * (tv[i] - takenMoved));
            }

            Span<float> ty = tangents.O(token, shape);
            for (int i = 0; i < shape.Keys; i++)
            {
                Rows.Add(_written, tk[i], Row(moved, i));
                Rows.Add(written, k[i], Row(moved, i));
                Rows.Add(Row(moved, i), at.Q(token, shape)[i], ty);
                Rows.Add(Row(State(token + 1), i), tangents.Q(token, shape)[i], ty);
            }

            Rows.Add(tv, shape.Skip, ty);
            Rows.Add(v, skip, ty);
        }
    }

    /// <summary>Computes the matrices of all tokens.</summary>
    private void Keep(ScannedRows at)
    {
        _states = new float[(tokens + 1) * _size];
        for (int token = 0; token < tokens; token++)
            Step(at, token, State(token), State(token + 1), default);
    }

    private void Step(ScannedRows at, int token, ReadOnlySpan<float> before, Span<float> after, Span<float> y)
    {
        ReadOnlySpan<float> k = at.K(token, shape), q = at.Q(token, shape), v = at.V(token, shape);
        TensorPrimitives.Multiply(before, at.A(token), after);
        Span<float> held = stackalloc float[shape.Values];
        Held(after, k, held);
        Write(v, held, at.B(token));
        for (int i = 0; i < shape.Keys; i++)
            Rows.Add(_written, k[i], Row(after, i));
        if (y.IsEmpty)
            return;
        TensorPrimitives.Multiply(v, shape.Skip, y);
        for (int i = 0; i < shape.Keys; i++)
            Rows.Add(Row(after, i), q[i], y);
    }

    /// <summary><c>Sᵀ·k</c>.</summary>
    private void Held(ReadOnlySpan<float> state, ReadOnlySpan<float> k, Span<float> held)
    {
        held.Clear();
        for (int i = 0; i < shape.Keys; i++)
            Rows.Add(Seen(state, i), k[i], held);
    }

    /// <summary><c>u = β · v</c>, or <c>β · (v − held)</c>.</summary>
    private void Write(ReadOnlySpan<float> v, ReadOnlySpan<float> held, float b)
    {
        if (shape.Removes)
            TensorPrimitives.Subtract(v, held, _written);
        else
            v.CopyTo(_written);
        TensorPrimitives.Multiply(_written, b, _written);
    }

    private Span<float> State(int token) => _states.AsSpan(token * _size, _size);

    private Span<float> Row(Span<float> state, int key) => state.Slice(key * shape.Values, shape.Values);

    private ReadOnlySpan<float> Seen(ReadOnlySpan<float> state, int key) => state.Slice(key * shape.Values, shape.Values);
}
