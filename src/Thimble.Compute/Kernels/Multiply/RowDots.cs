using System.Runtime.CompilerServices;
using Thimble.Compute.Formats;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Products of float rows as they are stored with one token: <c>y[r] = w[r] · x</c>.</summary>
/// <param name="rows">The rows, shape [rows, features].</param>
/// <param name="x">Shape [features].</param>
/// <param name="y">Receives the products, shape [rows].</param>
/// <remarks>A register of partial sums along the columns, their sum, then the ragged end column by column: the arithmetic of
/// <see cref="DotProducts"/>.</remarks>
internal readonly unsafe ref struct RowDots<TFloat>(Region rows, ReadOnlySpan<float> x, Span<float> y) : IKernel
    where TFloat : unmanaged, IFloat<TFloat>
{
    private readonly Region _rows = rows;
    private readonly ReadOnlySpan<float> _x = x;
    private readonly Span<float> _y = y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        fixed (float* x = _x, y = _y)
        {
            // Rows past the last repeat it; their products are dropped.
            int rows = _y.Length;
            float* four = stackalloc float[4];
            for (int row = 0; row < rows; row += 4)
            {
                bool whole = row + 4 <= rows;
                Four<TLane>(At(row), At(row + 1), At(row + 2), At(row + 3), x, whole ? y + row : four);
                for (int i = 0; !whole && row + i < rows; i++)
                    y[row + i] = four[i];
            }
        }
    }

    private TFloat* At(int row) => (TFloat*)_rows.Start + ((long)Math.Min(row, _y.Length - 1) * _x.Length);

    /// <summary>Four rows side by side.</summary>
    [MethodImpl(HotLoop.Compiled)]
    private void Four<TLane>(TFloat* w0, TFloat* w1, TFloat* w2, TFloat* w3, float* x, float* y)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane sum0 = TLane.Fill(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
        nint length = _x.Length, i = 0;
        for (; i <= length - TLane.Count; i += TLane.Count)
        {
            TLane v = TLane.Load(in x[i]);
            sum0 = TLane.MultiplyAdd(TFloat.Load<TLane>(in w0[i]), v, sum0);
            sum1 = TLane.MultiplyAdd(TFloat.Load<TLane>(in w1[i]), v, sum1);
            sum2 = TLane.MultiplyAdd(TFloat.Load<TLane>(in w2[i]), v, sum2);
            sum3 = TLane.MultiplyAdd(TFloat.Load<TLane>(in w3[i]), v, sum3);
        }

        y[0] = TLane.Sum(sum0);
        y[1] = TLane.Sum(sum1);
        y[2] = TLane.Sum(sum2);
        y[3] = TLane.Sum(sum3);
        for (; i < length; i++)
        {
            y[0] = MathF.FusedMultiplyAdd(TFloat.Widen(w0[i]), x[i], y[0]);
            y[1] = MathF.FusedMultiplyAdd(TFloat.Widen(w1[i]), x[i], y[1]);
            y[2] = MathF.FusedMultiplyAdd(TFloat.Widen(w2[i]), x[i], y[2]);
            y[3] = MathF.FusedMultiplyAdd(TFloat.Widen(w3[i]), x[i], y[3]);
        }
    }
}
