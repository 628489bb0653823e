using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary><c>y = scale · x / max(‖x‖, least)</c>; x and y may be one.</summary>
internal readonly ref struct UnitLength(ReadOnlySpan<float> x, float scale, float least, Span<float> y) : IKernel
{
    private readonly ReadOnlySpan<float> _x = x;
    private readonly float _scale = scale, _least = least;
    private readonly Span<float> _y = y;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        ReadOnlySpan<float> x = _x;
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
        new Scaled(x, _scale / MathF.Max(MathF.Sqrt(sum), _least), _y).Run<TLane>();
    }
}
