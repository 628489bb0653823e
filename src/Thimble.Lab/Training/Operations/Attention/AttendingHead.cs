using System.Numerics.Tensors;
using Thimble.Compute.Kernels;
using Thimble.Compute.Memory;

namespace Thimble.Lab.Training;

/// <summary>One key head of one sequence with the query heads it serves.</summary>
internal sealed class AttendingHead(AttentionShape shape, AttendingRoom room, Value queries, Value keys, Value values, Value outcome)
{
    private const int TileRows = 128;

    private readonly AttentionRule _rule = shape.Rule;

    /// <summary>The sequence's number.</summary>
    public required int Segment { get; init; }

    /// <summary>The key head.</summary>
    public required int KeyHead { get; init; }

    /// <summary>The sequence's first row.</summary>
    public required int First { get; init; }

    /// <summary>Its rows.</summary>
    public required int Count { get; init; }

    /// <summary>Computes the outcome.</summary>
    public void Forward() => EachTile((head, row, count, k, v) =>
    {
        Matrix p = Shares(head, row, count, k.Matrix, null);
        Matrix y = room.Scratch.Rent(count, shape.ValueSize);
        room.Gemm.Multiply(p, Seen(v, row, count), y);
        Put(y, outcome.Result, row, head * shape.ValueSize, adds: false);
    });

    /// <summary>Pulls the outcome's gradient.</summary>
    public void Pull(Loan g, Loan dq, Loan dk, Loan dv, float[] sinks)
    {
        using Arena.Scope _ = room.Scratch.Mark();
        Loan keyGradients = room.Scratch.Lend(Count, shape.KeySize), valueGradients = room.Scratch.Lend(Count, shape.ValueSize);
        keyGradients.Matrix.Values.Clear();
        valueGradients.Matrix.Values.Clear();
        EachTile((head, row, count, k, v) =>
        {
            int end = End(row, count);
            Matrix slopes = room.Scratch.Rent(count, end);
            Span<float> toSinks = room.Scratch.Rent<float>(count);
            Matrix p = Shares(head, row, count, k.Matrix, new Loan(slopes), toSinks), dy = Take(g.Matrix, row, count, head * shape.ValueSize, shape.ValueSize);
            room.Gemm.MultiplyTurned(p, dy, valueGradients.Matrix.Part(0, end), adds: true);
            Matrix dp = room.Scratch.Rent(count, end);
            room.Gemm.MultiplyByRows(dy, Seen(v, row, count), dp);
            for (int i = 0; i < count; i++)
            {
                float along = TensorPrimitives.Dot<float>(dp[i], p[i]);
                if (sinks.Length > 0)
                    sinks[(Segment * shape.Heads) + head] -= toSinks[i] * along;
                TensorPrimitives.Subtract(dp[i], along, dp[i]);
                TensorPrimitives.Multiply(dp[i], p[i], dp[i]);
                TensorPrimitives.Multiply(dp[i], slopes[i], dp[i]);
            }

            Matrix q = Take(queries.Result, row, count, head * shape.KeySize, shape.KeySize), own = room.Scratch.Rent(count, shape.KeySize);
            room.Gemm.Multiply(dp, Seen(k, row, count), own);
            Put(own, dq.Matrix, row, head * shape.KeySize, adds: true);
            room.Gemm.MultiplyTurned(dp, q, keyGradients.Matrix.Part(0, end), adds: true);
        });
        Put(keyGradients.Matrix, dk.Matrix, 0, KeyHead * shape.KeySize, adds: true);
        Put(valueGradients.Matrix, dv.Matrix, 0, KeyHead * shape.ValueSize, adds: true);
    }

    /// <summary>Pushes the inputs' tangents.</summary>
    public void Push(Loan tq, Loan tk, Loan tv, Loan t)
    {
        using Arena.Scope _ = room.Scratch.Mark();
        Loan keyTangents = new(Take(tk.Matrix, 0, Count, KeyHead * shape.KeySize, shape.KeySize));
        Loan valueTangents = new(Take(tv.Matrix, 0, Count, KeyHead * shape.ValueSize, shape.ValueSize));
        float[] sinkTangents = shape.Sinks is { HasTangent: true } sinks ? sinks.Tangent.Values.ToArray() : [];
        EachTile((head, row, count, k, v) =>
        {
            int end = End(row, count);
            Matrix slopes = room.Scratch.Rent(count, end), ts = room.Scratch.Rent(count, end), y = room.Scratch.Rent(count, shape.ValueSize);
            Span<float> toSinks = room.Scratch.Rent<float>(count);
            Matrix p = Shares(head, row, count, k.Matrix, new Loan(slopes), toSinks);
            room.Gemm.MultiplyByRows(Take(tq.Matrix, row, count, head * shape.KeySize, shape.KeySize), Seen(k, row, count), ts);
            room.Gemm.MultiplyByRows(Take(queries.Result, row, count, head * shape.KeySize, shape.KeySize), Seen(keyTangents, row, count), ts, adds: true);
            room.Gemm.Multiply(p, Seen(valueTangents, row, count), y);
            for (int i = 0; i < count; i++)
            {
                TensorPrimitives.Multiply(ts[i], slopes[i], ts[i]);
                float along = TensorPrimitives.Dot<float>(ts[i], p[i]) + (sinkTangents.Length > 0 ? toSinks[i] * sinkTangents[head] : 0);
                TensorPrimitives.Subtract(ts[i], along, ts[i]);
                TensorPrimitives.Multiply(ts[i], p[i], ts[i]);
            }

            room.Gemm.Multiply(ts, Seen(v, row, count), y, adds: true);
            Put(y, t.Matrix, row, head * shape.ValueSize, adds: true);
        });
    }

    private delegate void TileWork(int head, int row, int count, Loan k, Loan v);

    /// <summary>Every tile of queries of every query head that this key head serves.</summary>
    private void EachTile(TileWork work)
    {
        using Arena.Scope _ = room.Scratch.Mark();
        Loan k = new(Take(keys.Result, 0, Count, KeyHead * shape.KeySize, shape.KeySize));
        Loan v = new(Take(values.Result, 0, Count, KeyHead * shape.ValueSize, shape.ValueSize));
        for (int head = KeyHead * shape.Group; head < (KeyHead + 1) * shape.Group; head++)
        {
            for (int row = 0; row < Count; row += TileRows)
            {
                using Arena.Scope tile = room.Scratch.Mark();
                work(head, row, Math.Min(TileRows, Count - row), k, v);
            }
        }
    }

    /// <summary>The key after the last that a tile's queries see.</summary>
    private int End(int row, int count) => _rule.EndKey(row + count - 1, Count);

    private Matrix Seen(Loan keysOrValues, int row, int count) => keysOrValues.Matrix.Part(0, End(row, count));

    /// <summary>The shares of a tile's queries in the keys they see.</summary>
    /// <param name="head">The query head.</param>
    /// <param name="row">The tile's first query.</param>
    /// <param name="count">Its queries.</param>
    /// <param name="k">All keys of the sequence.</param>
    /// <param name="slopes">Receives the derivative of a score by its product, shape [queries, keys]; null where it is not wanted.</param>
    /// <param name="toSinks">Receives the shares of the sink, shape [queries]; empty where they are not wanted.</param>
    /// <returns>Shape [queries, keys].</returns>
    private Matrix Shares(int head, int row, int count, Matrix k, Loan? slopes, Span<float> toSinks = default)
    {
        int end = End(row, count);
        Matrix p = room.Scratch.Rent(count, end), q = Take(queries.Result, row, count, head * shape.KeySize, shape.KeySize);
        room.Gemm.MultiplyByRows(q, k.Part(0, end), p);
        for (int i = 0; i < count; i++)
        {
            int first = _rule.FirstKey(row + i), last = _rule.EndKey(row + i, Count);
            float toSink = Row(p[i], head, row + i, first, last, slopes is { } all ? all.Matrix[i] : []);
            if (!toSinks.IsEmpty)
                toSinks[i] = toSink;
        }

        return p;
    }

    /// <summary>Products become shares, zero for keys that are not seen.</summary>
    /// <returns>The sink's share.</returns>
    private float Row(Span<float> p, int head, int query, int first, int last, Span<float> slopes)
    {
        Span<float> seen = p[first..last];
        TensorPrimitives.Multiply(seen, _rule.Scale, seen);
        slopes.Fill(_rule.Scale);
        if (_rule.SoftCap != 0)
        {
            for (int i = 0; i < seen.Length; i++)
            {
                float bent = MathF.Tanh(seen[i] / _rule.SoftCap);
                seen[i] = _rule.SoftCap * bent;
                if (!slopes.IsEmpty)
                    slopes[first + i] *= 1 - (bent * bent);
            }
        }

        for (int i = 0; _rule.Slopes is { } alibi && i < seen.Length; i++)
            seen[i] -= alibi[head] * (query - first - i);
        float sink = shape.Sinks is { } sinks ? sinks.Values[head] : float.NegativeInfinity, greatest = Math.Max(sink, TensorPrimitives.Max<float>(seen));
        TensorPrimitives.Subtract(seen, greatest, seen);
        TensorPrimitives.Exp(seen, seen);
        float alone = MathF.Exp(sink - greatest), inverse = 1 / (TensorPrimitives.Sum<float>(seen) + alone);
        TensorPrimitives.Multiply(seen, inverse, seen);
        p[..first].Clear();
        p[last..].Clear();
        return alone * inverse;
    }

    private Matrix Take(Matrix rows, int row, int count, int column, int width)
    {
        Matrix part = room.Scratch.Rent(count, width);
        for (int i = 0; i < count; i++)
            rows[First + row + i].Slice(column, width).CopyTo(part[i]);
        return part;
    }

    private void Put(Matrix part, Matrix rows, int row, int column, bool adds)
    {
        for (int i = 0; i < part.Rows; i++)
        {
            Span<float> to = rows[First + row + i].Slice(column, part.Columns);
            if (adds)
                Rows.Add(part[i], 1, to);
            else
                part[i].CopyTo(to);
        }
    }
}
