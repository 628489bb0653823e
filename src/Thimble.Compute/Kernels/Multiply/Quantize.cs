using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Kernels;

/// <summary>Rounds one token's values to bytes in groups of 32: <c>scale = max|x| / 127, q = round(x / scale)</c>.</summary>
/// <param name="x">Values, shape [32 · n].</param>
/// <param name="token">Which of the tokens they are.</param>
/// <param name="tokens">How many tokens there are.</param>
/// <param name="quants">Receives the bytes, in [-127, 127], shape [n, tokens, 32].</param>
/// <param name="scales">Receives the scales, shape [n, tokens].</param>
/// <param name="sums">Receives the sums of sixteen bytes each, shape [n, tokens, 2].</param>
internal readonly ref struct Quantize(
    ReadOnlySpan<float> x, int token, int tokens, Span<sbyte> quants, Span<float> scales, Span<short> sums) : IKernel
{
    private readonly ReadOnlySpan<float> _x = x;
    private readonly int _token = token, _tokens = tokens;
    private readonly Span<sbyte> _quants = quants;
    private readonly Span<float> _scales = scales;
    private readonly Span<short> _sums = sums;

    public void Run<TLane>()
        where TLane : unmanaged, ILane<TLane>
    {
        for (int i = 0; i < _x.Length / 32; i++)
        {
            int at = (i * _tokens) + _token;
            ReadOnlySpan<float> x = _x.Slice(i * 32, 32);
            Span<sbyte> quants = _quants.Slice(at * 32, 32);
            var largest = TLane.Fill(0);
            for (int j = 0; j < 32; j += TLane.Count)
                largest = TLane.Max(largest, TLane.Abs(TLane.Load(in x[j])));

            float bound = TLane.Max(largest);
            _scales[at] = bound / 127;
            var inverse = TLane.Fill(bound == 0 ? 0 : 127 / bound);
            _sums[2 * at] = Half<TLane>(x[..16], inverse, quants[..16]);
            _sums[(2 * at) + 1] = Half<TLane>(x[16..], inverse, quants[16..]);
        }
    }

    /// <summary>Rounds sixteen values.</summary>
    /// <returns>Their sum: whole numbers this small add up exactly as floats.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static short Half<TLane>(ReadOnlySpan<float> x, TLane inverse, Span<sbyte> quants)
        where TLane : unmanaged, ILane<TLane>
    {
        var sum = TLane.Fill(0);
        for (int i = 0; i < 16; i += TLane.Count)
        {
            TLane rounded = TLane.Round(TLane.Load(in x[i]) * inverse);
            TLane.StoreBytes(rounded, ref quants[i]);
            sum += rounded;
        }

        return (short)TLane.Sum(sum);
    }
}
