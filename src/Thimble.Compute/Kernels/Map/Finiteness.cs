using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary><c>y[0] = Σ 0 · x</c>: 0 where every x is a finite number, and no number where one is not.</summary>
internal readonly ref struct Finiteness(ReadOnlySpan<float> x, Span<float> y) : IKernel
{
    private readonly ReadOnlySpan<float> _x = x;
    private readonly Span<float> _y = y;

    /// <summary>Whether every value is a finite number.</summary>
    public static bool Of(ReadOnlySpan<float> x)
    {
        float sum = 0;
        Lanes.Best(new Finiteness(x, new Span<float>(ref sum)));
        return sum == 0;
    }

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> x = _x;
        TLane zero = TLane.Fill(0), sums = zero;
        int i = 0;
        for (; i <= x.Length - TLane.Count; i += TLane.Count)
            sums = TLane.MultiplyAdd(TLane.Load(in x[i]), zero, sums);
        float sum = TLane.Sum(sums);
        for (; i < x.Length; i++)
            sum += x[i] * 0;
        _y[0] = sum;
    }
}
