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

    /// <summary>The best scale for one group.</summary>
    /// <param name="x">Values, shape [multiple of 8].</param>
    /// <param name="w">Importance, shape like <paramref name="x"/>.</param>
    /// <param name="first">How far inside an end of the levels the extreme value is put first, as a factor.</param>
    /// <param name="last">How far beyond it is put last.</param>
    /// <param name="steps">Factors tried for each end.</param>
    /// <returns>The scale, of either sign; 0 where all values are as good as zero.</returns>
    public static float Fit<TLevels>(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float first, float last, int steps)
        where TLevels : ILevels
    {
        float extreme = Extreme(x);
        if (MathF.Abs(extreme) < Smallest)
            return 0;

        var best = new Trial { Scale = extreme / (TLevels.Lowest == 0 || -TLevels.Lowest <= TLevels.Highest ? TLevels.Highest : TLevels.Lowest) };
        bool even = -TLevels.Lowest == TLevels.Highest;
        for (int i = 0; i < steps; i++)
        {
            float factor = first + ((last - first) * i / (steps - 1));
            best.Improve<TLevels>(x, w, TLevels.Highest * factor / extreme);
            if (!even)
                best.Improve<TLevels>(x, w, TLevels.Lowest * factor / extreme);
        }

        for (int i = 0; i < 4 && best.Score > 0; i++)
        {
            if (!best.Improve<TLevels>(x, w, 1 / best.Scale))
                break;
        }

        return best.Scale;
    }

    /// <summary>The best half scale and levels for one group of a format without super-blocks.</summary>
    /// <param name="x">Values, shape [multiple of 16].</param>
    /// <param name="w">Importance, shape like <paramref name="x"/>.</param>
    /// <param name="quants">Receives the levels, shape like <paramref name="x"/>.</param>
    public static Half Encode<TLevels>(ReadOnlySpan<float> x, ReadOnlySpan<float> w, Span<sbyte> quants)
        where TLevels : ILevels
    {
        var scale = (Half)Fit<TLevels>(x, w, 0.8f, 1.3f, 11);
        WholeNumbers.Round<TLevels>(x, scale == Half.Zero ? 0 : 1 / HalfFloat.Widen(scale), quants);
        return scale;
    }

    /// <summary>As <see cref="Encode"/>, for the formats of two bits or less, whose best scale lies far below the largest value.</summary>
    public static Half EncodeFew<TLevels>(ReadOnlySpan<float> x, ReadOnlySpan<float> w, Span<sbyte> quants)
        where TLevels : ILevels
    {
        var scale = (Half)Fit<TLevels>(x, w, 0.7f, 6, 24);
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
            xq += weighted * value;
            qq += weighted * level;
        }

        return (Vector256.Sum(xq), Vector256.Sum(qq));
    }

    private struct Trial
    {
        public float Scale, Score;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Improve<TLevels>(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float inverse)
            where TLevels : ILevels
        {
            (float xq, float qq) = Moments<TLevels>(x, w, inverse);
            if (!(qq > 0) || xq / qq * xq <= Score)
                return false;

            (Scale, Score) = (xq / qq, xq / qq * xq);
            return true;
        }
    }
}
