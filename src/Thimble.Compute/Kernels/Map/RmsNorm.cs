using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Root-mean-square normalisation: <c>y = x · gain / √(mean(x²) + ε)</c>. All three have one shape, [features]; an empty gain is 1.</summary>
/// <remarks>Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019, eq. 4.</remarks>
internal readonly ref struct RmsNorm(ReadOnlySpan<float> x, ReadOnlySpan<float> gain, float epsilon, Span<float> y) : IKernel
{
    private readonly ReadOnlySpan<float> _x = x, _gain = gain;
    private readonly float _epsilon = epsilon;
    private readonly Span<float> _y = y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> x = _x, gain = _gain;
        Span<float> y = _y[..x.Length];
        int whole = x.Length - (x.Length % TLane.Count);

        var squares = TLane.Fill(0);
        for (int i = 0; i < whole; i += TLane.Count)
        {
            TLane v = TLane.Load(in x[i]);
            squares = TLane.MultiplyAdd(v, v, squares);
        }

        float sum = TLane.Sum(squares);
        foreach (float v in x[whole..])
            sum += v * v;

        float scale = 1 / MathF.Sqrt((sum / x.Length) + _epsilon);
        if (gain.IsEmpty)
        {
            new Scaled(x, scale, y).Run<TLane>();
            return;
        }

        gain = gain[..x.Length];
        var scales = TLane.Fill(scale);
        for (int i = 0; i < whole; i += TLane.Count)
            TLane.Store(TLane.Load(in x[i]) * scales * TLane.Load(in gain[i]), ref y[i]);
        for (int i = whole; i < x.Length; i++)
            y[i] = x[i] * scale * gain[i];
    }
}
