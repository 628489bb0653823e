using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>Finds the scale under which levels come nearest to values: <c>min over s, q of Σ importance · (x − s·q)²</c>.</summary>
/// <remarks>For fixed q the best scale is <c>s = Σ wxq / Σ wq²</c> and the error falls by <c>(Σ wxq)² / Σ wq²</c>; so scales are
/// tried that put the extreme value on or beyond either end of the levels, and the best of them is improved by rounding
/// with its own best scale again. Widths are fixed at 256 bits so that every machine writes the same file.</remarks>
internal static class ScaleSearch
{
    /// <summary>Below this a half scale, itself a multiple of 2⁻²⁴, can hold nothing nearer than zero.</summary>
    public const float Smallest = 2.9802322e-8f;

    private const int Turns = 3;

    /// <summary>The best scale for one group.</summary>
    /// <param name="x">Values, shape [multiple of 8].</param>
    /// <param name="w">Importance, shape like <paramref name="x"/>.</param>
    /// <param name="first">How far inside an end of the levels the extreme value is put first, as a factor.</param>
    /// <param name="last">How far beyond it is put last.</param>
    /// <param name="steps">A quarter of the factors tried for each end.</param>
    /// <returns>The scale, of either sign unless the levels are symmetric; 0 where all values are as good as zero.</returns>
    public static float Fit<TLevels>(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float first, float last, int steps)
        where TLevels : ILevels
    {
        float extreme = Extreme(x);
        if (MathF.Abs(extreme) < Smallest)
            return 0;

        // Even lanes put the extreme value on the highest level, odd ones on the lowest; all move over it by their factor.
        (float high, float low) = (TLevels.Highest / extreme, TLevels.Lowest / extreme);
        var ends = Vector256.Create(high, low, high, low, high, low, high, low);
        var best = default(Starts);
        for (int i = 0; i < steps; i++)
        {
            float step = (last - first) / (steps * 4), at = first + (step * i * 4);
            float second = at + step, third = at + (2 * step), fourth = at + (3 * step);
            best.Try<TLevels>(x, w, ends * Vector256.Create(at, at, second, second, third, third, fourth, fourth));
        }

        // Each lane goes on from the best it has met.
        for (int turn = 1; turn < Turns; turn++)
            best.Try<TLevels>(x, w, best.Inverse);
        float scale = best.Scale;
        if (scale == 0)
            scale = extreme / TLevels.Highest;
        return TLevels.Lowest == -TLevels.Highest ? MathF.Abs(scale) : scale;
    }

    /// <summary>The best half scale and levels for one group of a format without super-blocks.</summary>
    /// <param name="x">Values, shape [multiple of 16].</param>
    /// <param name="w">Importance, shape like <paramref name="x"/>.</param>
    /// <param name="quants">Receives the levels, shape like <paramref name="x"/>.</param>
    /// <param name="steps">A quarter of the factors tried for each end.</param>
    public static Half Encode<TLevels>(ReadOnlySpan<float> x, ReadOnlySpan<float> w, Span<sbyte> quants, int steps = 4)
        where TLevels : ILevels
    {
        var scale = (Half)Fit<TLevels>(x, w, 0.8f, 1.3f, steps);
        WholeNumbers.Round<TLevels>(x, scale == Half.Zero ? 0 : 1 / HalfFloat.Widen(scale), quants);
        return scale;
    }

    /// <summary>As <see cref="Encode"/>, for the formats of two bits or less, whose best scale lies far below the largest value.</summary>
    public static Half EncodeFew<TLevels>(ReadOnlySpan<float> x, ReadOnlySpan<float> w, Span<sbyte> quants)
        where TLevels : ILevels
    {
        var scale = (Half)Fit<TLevels>(x, w, 0.7f, 6, 6);
        WholeNumbers.Round<TLevels>(x, scale == Half.Zero ? 0 : 1 / HalfFloat.Widen(scale), quants);
        return scale;
    }

    /// <summary><c>Σ w · (unit · (x − scale · q))²</c> for the levels nearest under a given scale.</summary>
    /// <param name="x">Values, shape [multiple of 8].</param>
    /// <param name="w">Importance, shape like <paramref name="x"/>.</param>
    /// <param name="scale">The scale.</param>
    /// <param name="unit">What errors are multiplied with, so that their squares neither vanish nor overflow.</param>
    public static float Error<TLevels>(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float scale, float unit)
        where TLevels : ILevels
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        Vector256<float> sum = Vector256<float>.Zero;
        for (int i = 0; i < x.Length; i += 8)
        {
            var value = Vector256.Create(x[i..]);
            Vector256<float> error = (value - (TLevels.Nearest(value * inverse) * scale)) * unit;
            sum += error * error * Vector256.Create(w[i..]);
        }

        return Vector256.Sum(sum);
    }

    /// <summary>The value of the largest magnitude, with its sign.</summary>
    public static float Extreme(ReadOnlySpan<float> x)
    {
        ref float source = ref MemoryMarshal.GetReference(x);
        Vector256<float> highest = Vector256<float>.Zero, lowest = Vector256<float>.Zero;
        for (nuint i = 0; i < (nuint)x.Length; i += 8)
        {
            var values = Vector256.LoadUnsafe(ref source, i);
            highest = Vector256.Max(highest, values);
            lowest = Vector256.Min(lowest, values);
        }

        float high = 0, low = 0;
        for (int i = 0; i < 8; i++)
            (high, low) = (MathF.Max(high, highest[i]), MathF.Min(low, lowest[i]));
        return high >= -low ? high : low;
    }

    /// <summary><c>Σ wxq</c> and <c>Σ wq²</c> for <c>q = nearest(x · inverse)</c>.</summary>
    public static (float Xq, float Qq) Moments<TLevels>(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float inverse)
        where TLevels : ILevels
    {
        w = w[..x.Length];
        ref float xs = ref MemoryMarshal.GetReference(x);
        ref float ws = ref MemoryMarshal.GetReference(w);
        Vector256<float> scale = Vector256.Create(inverse), xq = Vector256<float>.Zero, qq = Vector256<float>.Zero;
        for (nuint i = 0; i < (nuint)x.Length; i += 8)
        {
            var value = Vector256.LoadUnsafe(ref xs, i);
            Vector256<float> level = TLevels.Nearest(value * scale);
            Vector256<float> weighted = level * Vector256.LoadUnsafe(ref ws, i);
            xq = Vector256.FusedMultiplyAdd(weighted, value, xq);
            qq = Vector256.FusedMultiplyAdd(weighted, level, qq);
        }

        return (Vector256.Sum(xq), Vector256.Sum(qq));
    }

    /// <summary>Eight searches side by side, one in each lane, and the best scale that each has met.</summary>
    private struct Starts
    {
        private Vector256<float> _scale, _score;

        /// <summary>Factors to go on with; 1 where nothing has been met.</summary>
        public readonly Vector256<float> Inverse =>
            Vector256.ConditionalSelect(Vector256.Equals(_scale, Vector256<float>.Zero), Vector256<float>.One, Vector256<float>.One / _scale);

        /// <summary>The best of all; 0 if nothing has been met.</summary>
        public readonly float Scale
        {
            get
            {
                int lane = 0;
                for (int i = 1; i < 8; i++)
                {
                    if (_score[i] > _score[lane])
                        lane = i;
                }

                return _score[lane] > 0 ? _scale[lane] : 0;
            }
        }

        /// <summary>Rounds under factors and fits scales to the outcome.</summary>
        [MethodImpl(HotLoop.Compiled)]
        public void Try<TLevels>(ReadOnlySpan<float> x, ReadOnlySpan<float> w, Vector256<float> inverse)
            where TLevels : ILevels
        {
            w = w[..x.Length];
            ref float xs = ref MemoryMarshal.GetReference(x), ws = ref MemoryMarshal.GetReference(w);
            Vector256<float> xq = Vector256<float>.Zero, qq = xq;
            for (int i = 0; i < x.Length; i++)
            {
                var value = Vector256.Create(Unsafe.Add(ref xs, i));
                Vector256<float> level = TLevels.Nearest(value * inverse);
                Vector256<float> weighted = level * Vector256.Create(Unsafe.Add(ref ws, i));
                xq = Vector256.FusedMultiplyAdd(weighted, value, xq);
                qq = Vector256.FusedMultiplyAdd(weighted, level, qq);
            }

            Vector256<float> scale = xq / qq, score = xq * scale, better = Vector256.GreaterThan(score, _score);
            _score = Vector256.ConditionalSelect(better, score, _score);
            _scale = Vector256.ConditionalSelect(better, scale, _scale);
        }
    }
}
