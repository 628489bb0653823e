using System.Runtime.CompilerServices;
using Thimble.Compute.Memory;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Causal convolution of each channel by itself: <c>y[t] = bias + Σⱼ w[j] ⊙ x[t + j]</c>.</summary>
/// <remarks>A sum depends on its own window only, so rows may come in any portions.</remarks>
/// <param name="x">Oldest first, the rows before the first among them, shape [rows + taps − 1, channels].</param>
/// <param name="weight">w, the oldest's first, shape [taps, channels].</param>
/// <param name="bias">Shape [channels]; empty for 0.</param>
/// <param name="y">Receives the outcome, shape [rows, channels].</param>
internal readonly ref struct Conv1d(Matrix x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, Matrix y) : IKernel
{
    private readonly Matrix _x = x, _y = y;
    private readonly ReadOnlySpan<float> _weight = weight, _bias = bias;

    [MethodImpl(HotLoop.Compiled)]
    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        int channels = _y.Columns, taps = _weight.Length / channels;
        for (int t = 0; t < _y.Rows; t++)
        {
            ReadOnlySpan<float> window = _x.Part(t, taps).Values;
            Span<float> y = _y[t];
            int c = 0;
            for (; c <= channels - TLane.Count; c += TLane.Count)
                TLane.Store(Sum<TLane>(window, c), ref y[c]);
            for (; c < channels; c++)
                Scalar.Store(Sum<Scalar>(window, c), ref y[c]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TLane Sum<TLane>(ReadOnlySpan<float> window, int c)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane sum = _bias.IsEmpty ? TLane.Fill(0) : TLane.Load(in _bias[c]);
        for (int at = c; at < window.Length; at += _y.Columns)
            sum = TLane.MultiplyAdd(TLane.Load(in _weight[at]), TLane.Load(in window[at]), sum);
        return sum;
    }
}
