using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Layer normalisation: <c>y = (x − mean(x)) · gain / √(variance(x) + ε) + bias</c>. All have one shape, [features]; an empty gain is 1, an empty bias 0.</summary>
/// <remarks>Source: Ba, Kiros and Hinton, "Layer Normalization", 2016, eq. 4.</remarks>
internal readonly ref struct LayerNorm(
    ReadOnlySpan<float> x, ReadOnlySpan<float> gain, ReadOnlySpan<float> bias, float epsilon, Span<float> y) : IKernel
{
    private readonly ReadOnlySpan<float> _x = x, _gain = gain, _bias = bias;
    private readonly float _epsilon = epsilon;
    private readonly Span<float> _y = y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> x = _x, gain = _gain, bias = _bias;
        Span<float> y = _y[..x.Length];
        int whole = x.Length - (x.Length % TLane.Count);

        var sums = TLane.Fill(0);
        for (int i = 0; i < whole; i += TLane.Count)
            sums += TLane.Load(in x[i]);
        float sum = TLane.Sum(sums);
        foreach (float v in x[whole..])
            sum += v;
        float mean = sum / x.Length;

        TLane means = TLane.Fill(mean), squares = TLane.Fill(0);
        for (int i = 0; i < whole; i += TLane.Count)
        {
            TLane v = TLane.Load(in x[i]) - means;
            squares = TLane.MultiplyAdd(v, v, squares);
        }

        float variance = TLane.Sum(squares);
        foreach (float v in x[whole..])
            variance += (v - mean) * (v - mean);

        float scale = 1 / MathF.Sqrt((variance / x.Length) + _epsilon);
        for (int i = 0; i < x.Length; i++)
            y[i] = (x[i] - mean) * scale;
        if (!gain.IsEmpty)
            new Product(y, gain, y).Run<TLane>();
        if (!bias.IsEmpty)
            new AddScaled(bias, 1, y).Run<TLane>();
    }
}
