using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Products of one to four float rows with token vectors: <c>y[t, column + r] = w[r] · x[t]</c>.</summary>
/// <param name="weights">Shape [rows, features], rows in 1 to 4.</param>
/// <param name="x">Shape [tokens, features].</param>
/// <param name="y">Receives the products.</param>
/// <param name="column">Where in a row of <paramref name="y"/> they begin.</param>
internal readonly ref struct DotProducts(ReadOnlySpan<float> weights, Matrix x, Matrix y, int column) : IKernel
{
    private readonly ReadOnlySpan<float> _weights = weights;
    private readonly Matrix _x = x, _y = y;
    private readonly int _column = column;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        int features = _x.Columns, rows = _weights.Length / features;
        for (int token = 0; token < _x.Rows; token++)
        {
            ReadOnlySpan<float> x = _x[token];
            Span<float> y = _y[token].Slice(_column, rows);
            if (rows == 4)
            {
                Four<TLane>(_weights, x, y);
                continue;
            }

            for (int row = 0; row < rows; row++)
                y[row] = One<TLane>(_weights.Slice(row * features, features), x);
        }
    }

    /// <summary>One product: a register of partial sums, then the ragged end.</summary>
    private static float One<TLane>(ReadOnlySpan<float> w, ReadOnlySpan<float> x)
        where TLane : unmanaged, ILane<TLane>
    {
        w = w[..x.Length];
        var sum = TLane.Fill(0);
        int i = 0;
        for (; i <= x.Length - TLane.Count; i += TLane.Count)
            sum = TLane.MultiplyAdd(TLane.Load(in w[i]), TLane.Load(in x[i]), sum);
        return End(w[i..], x[i..], TLane.Sum(sum));
    }

    /// <summary>Four products with the arithmetic of <see cref="One"/>, so that a row's place in a tile cannot be seen.</summary>
    private static void Four<TLane>(ReadOnlySpan<float> w, ReadOnlySpan<float> x, Span<float> y)
        where TLane : unmanaged, ILane<TLane>
    {
        int length = x.Length;
        ReadOnlySpan<float> w0 = w[..length], w1 = w.Slice(length, length), w2 = w.Slice(2 * length, length), w3 = w.Slice(3 * length, length);
        TLane sum0 = TLane.Fill(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
        int i = 0;
        for (; i <= length - TLane.Count; i += TLane.Count)
        {
            TLane v = TLane.Load(in x[i]);
            sum0 = TLane.MultiplyAdd(TLane.Load(in w0[i]), v, sum0);
            sum1 = TLane.MultiplyAdd(TLane.Load(in w1[i]), v, sum1);
            sum2 = TLane.MultiplyAdd(TLane.Load(in w2[i]), v, sum2);
            sum3 = TLane.MultiplyAdd(TLane.Load(in w3[i]), v, sum3);
        }

        ReadOnlySpan<float> rest = x[i..];
        y[0] = End(w0[i..], rest, TLane.Sum(sum0));
        y[1] = End(w1[i..], rest, TLane.Sum(sum1));
        y[2] = End(w2[i..], rest, TLane.Sum(sum2));
        y[3] = End(w3[i..], rest, TLane.Sum(sum3));
    }

    private static float End(ReadOnlySpan<float> w, ReadOnlySpan<float> x, float sum)
    {
        for (int i = 0; i < x.Length; i++)
            sum = MathF.FusedMultiplyAdd(w[i], x[i], sum);
        return sum;
    }
}
