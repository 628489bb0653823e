using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Attention over a part of the keys: greatest score, sum of <c>e^(score − greatest)</c>, and the values under these weights.</summary>
/// <remarks>Two parts merge exactly: <c>o = (o₁·e^(m₁−m) + o₂·e^(m₂−m)) / (l₁·e^(m₁−m) + l₂·e^(m₂−m))</c>, m the greater.
/// Source: Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018, eq. 4.</remarks>
internal ref struct PartialAttention(Span<float> output)
{
    /// <summary>The greatest score; −∞ while there is none.</summary>
    public float Max = float.NegativeInfinity;

    /// <summary>The sum of <c>e^(score − Max)</c>.</summary>
    public float Sum = 0;

    /// <summary>Values weighted by <c>e^(score − Max)</c>, shape [value size].</summary>
    public readonly Span<float> Output = output;

    /// <summary>Takes in another part.</summary>
    public void Merge<TLane>(scoped in PartialAttention other)
        where TLane : unmanaged, ILane<TLane>
    {
        if (float.IsNegativeInfinity(other.Max))
            return;

        if (float.IsNegativeInfinity(Max))
        {
            (Max, Sum) = (other.Max, other.Sum);
            other.Output.CopyTo(Output);
            return;
        }

        float max = MathF.Max(Max, other.Max);
        float mine = Factor(Max, max), others = Factor(other.Max, max);
        if (mine != 1)
            new Scaled(Output, mine, Output).Run<TLane>();
        new AddScaled(other.Output, others, Output).Run<TLane>();
        Sum = MathF.FusedMultiplyAdd(Sum, mine, other.Sum * others);
        Max = max;
    }

    /// <summary>Takes in a score without a value: it only takes weight away from the others.</summary>
    public void Sink<TLane>(float score)
        where TLane : unmanaged, ILane<TLane>
    {
        if (float.IsNegativeInfinity(Max))
            Output.Clear();
        float max = MathF.Max(Max, score), keep = Factor(Max, max);
        new Scaled(Output, keep, Output).Run<TLane>();
        Sum = MathF.FusedMultiplyAdd(Sum, keep, MathF.Exp(score - max));
        Max = max;
    }

    /// <summary>Divides by the sum: the attention over all parts merged so far.</summary>
    public readonly void Finish<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        if (float.IsNegativeInfinity(Max))
            Output.Clear();
        new Positive(Output, Sum == 0 ? 0 : 1 / Sum).Run<TLane>();
    }

    private static float Factor(float from, float to) => from == to ? 1 : MathF.Exp(from - to);

    /// <summary><c>y = scale · y + 0</c>: a sum's zero may have either sign, depending on the zeros added to it; now it has one.</summary>
    private readonly ref struct Positive(Span<float> y, float scale) : IKernel
    {
        private readonly Span<float> _y = y;
        private readonly float _scale = scale;

        public void Run<TLane>()
            where TLane : unmanaged, ILane<TLane>
        {
            TLane scale = TLane.Fill(_scale), zero = TLane.Fill(0);
            int i = 0;
            for (; i <= _y.Length - TLane.Count; i += TLane.Count)
                TLane.Store(TLane.MultiplyAdd(TLane.Load(in _y[i]), scale, zero), ref _y[i]);
            for (; i < _y.Length; i++)
                _y[i] = Scalar.MultiplyAdd(_y[i], _scale, 0);
        }
    }
}
