using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>A gate whose operands are cut: <c>g · σ(α·g) · (u + 1)</c> with <c>g = min(gate, limit)</c> and <c>u = up</c> in ± limit.</summary>
/// <remarks>Source: OpenAI, "gpt-oss model card", 2025, section 2.</remarks>
/// <param name="steepness">α.</param>
/// <param name="limit">Where operands are cut.</param>
internal sealed class ClampedSwiglu(float steepness = 1.702f, float limit = 7) : Nonlinearity
{
    /// <inheritdoc />
    public override string Name => "ClampedSwiglu";

    /// <summary>The gate beside an up of 0.</summary>
    public override void Apply(Span<float> x) => Lanes.Best(new Kernel(x, default, steepness, limit));

    /// <inheritdoc />
    public override void Gate(Span<float> gate, ReadOnlySpan<float> up) => Lanes.Best(new Kernel(gate, up[..gate.Length], steepness, limit));

    private readonly ref struct Kernel(Span<float> gate, ReadOnlySpan<float> up, float steepness, float limit) : IKernel
    {
        private readonly Span<float> _gate = gate;
        private readonly ReadOnlySpan<float> _up = up;
        private readonly float _steepness = steepness, _limit = limit;

        public void Run<TLane>()
            where TLane : unmanaged, ILane<TLane>
        {
            int i = 0;
            for (; i <= _gate.Length - TLane.Count; i += TLane.Count)
                Step<TLane>(i);
            for (; i < _gate.Length; i++)
                Step<Scalar>(i);
        }

        private void Step<TLane>(int i)
            where TLane : unmanaged, ILane<TLane>
        {
            TLane limit = TLane.Fill(_limit), g = TLane.Min(TLane.Load(in _gate[i]), limit);
            TLane y = g * Kernels.Sigmoid.Apply(g * TLane.Fill(_steepness));
            if (!_up.IsEmpty)
                y *= TLane.Max(TLane.Min(TLane.Load(in _up[i]), limit), TLane.Fill(-_limit)) + TLane.Fill(1);
            TLane.Store(y, ref _gate[i]);
        }
    }
}
