using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>Finds scale and offset for whole numbers from 0 up: <c>min over s, o, q of Σ importance · (x − s·q − o)²</c>.</summary>
/// <remarks>For fixed q the two unknowns solve two linear equations; grids are tried that cover the range of the values or
/// a little more or less of it, and the best is improved by rounding on its own grid again.</remarks>
internal static class AffineSearch
{
    /// <summary>Sums over one group: <c>Σ w</c>, <c>Σ wx</c>, <c>Σ wq</c>, <c>Σ wq²</c>, <c>Σ wxq</c>.</summary>
    public record struct Sums(float W, float X, float Q, float Qq, float Xq);

    /// <summary>The best scale and offset for one group.</summary>
    /// <param name="x">Values, shape [multiple of 8].</param>
    /// <param name="w">Importance, shape like <paramref name="x"/>.</param>
    /// <param name="highest">The highest whole number.</param>
    /// <param name="offsetAtMostZero">Whether the format holds offsets of one sign only.</param>
    /// <param name="steps">Grids tried.</param>
    [SkipLocalsInit]
    public static (float Scale, float Offset) Fit(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float highest, bool offsetAtMostZero, int steps)
    {
        (float low, float high) = Range(x);
        if (offsetAtMostZero)
            low = MathF.Min(low, 0);
        float range = high - low;
        if (MathF.Max(range, MathF.Abs(low)) < ScaleSearch.Smallest)
            return (0, 0);
        if (range < 1e-7f * MathF.Abs(low))
            return (0, low);

        // Measured from the lowest value, so that a far offset does not drown the differences.
        Span<float> rest = stackalloc float[x.Length];
        for (int i = 0; i < x.Length; i++)
            rest[i] = x[i] - low;

        float bound = offsetAtMostZero ? -low : float.PositiveInfinity, step = range / highest;
        var best = new Trial { Scale = step, Score = float.NegativeInfinity };
        for (int i = 0; i < steps; i++)
        {
            // From a grid that reaches over the values to one that cuts their ends.
            float cut = -0.5f + (3f * i / (steps - 1));
            best.Improve(rest, w, highest, bound, (highest + cut) / range, 0);
            if (cut > 0 && low < 0)
                best.Improve(rest, w, highest, bound, (highest + cut) / range, cut / 2 * step);
        }

        for (int i = 0; i < 6; i++)
        {
            if (!best.Improve(rest, w, highest, bound, 1 / best.Scale, best.Offset))
                break;
        }

        return (best.Scale, best.Offset + low);
    }

    /// <summary>The best half scale, half offset and whole numbers for one group of a format without super-blocks.</summary>
    public static (Half Scale, Half Offset) Encode(ReadOnlySpan<float> x, ReadOnlySpan<float> w, int highest, Span<sbyte> quants)
    {
        (float scale, float offset) = Fit(x, w, highest, offsetAtMostZero: false, steps: 14);
        (Half Scale, Half Offset) halves = ((Half)scale, (Half)offset);
        SuperAffineSearch.Round(x, HalfFloat.Widen(halves.Scale), HalfFloat.Widen(halves.Offset), highest, quants);
        return halves;
    }

    /// <summary>The sums for <c>q = nearest((x − offset) · inverse)</c> in [0, highest].</summary>
    public static Sums Measure(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float highest, float inverse, float offset)
    {
        w = w[..x.Length];
        ref float xs = ref MemoryMarshal.GetReference(x);
        ref float ws = ref MemoryMarshal.GetReference(w);
        Vector256<float> scale = Vector256.Create(inverse), from = Vector256.Create(offset), zero = Vector256<float>.Zero;
        Vector256<float> sw = zero, sx = zero, sq = zero, qq = zero, xq = zero;
        for (nuint i = 0; i < (nuint)x.Length; i += 8)
        {
            var value = Vector256.LoadUnsafe(ref xs, i);
            var weight = Vector256.LoadUnsafe(ref ws, i);
            Vector256<float> level = Levels.Whole((value - from) * scale, 0, highest);
            Vector256<float> weighted = level * weight;
            sw += weight;
            sx += weight * value;
            sq += weighted;
            qq += weighted * level;
            xq += weighted * value;
        }

        return new(Vector256.Sum(sw), Vector256.Sum(sx), Vector256.Sum(sq), Vector256.Sum(qq), Vector256.Sum(xq));
    }

    /// <summary>How much a grid takes off <c>Σ wx²</c>, with these sums.</summary>
    public static float Score(in Sums sums, float scale, float offset) =>
        (scale * ((2 * (sums.Xq - (offset * sums.Q))) - (scale * sums.Qq))) + (offset * ((2 * sums.X) - (offset * sums.W)));

    private static (float Low, float High) Range(ReadOnlySpan<float> x)
    {
        Vector256<float> lowest = Vector256.Create(x), highest = lowest;
        for (int i = 8; i < x.Length; i += 8)
        {
            var values = Vector256.Create(x[i..]);
            (lowest, highest) = (Vector256.Min(lowest, values), Vector256.Max(highest, values));
        }

        (float low, float high) = (lowest[0], highest[0]);
        for (int i = 1; i < 8; i++)
            (low, high) = (MathF.Min(low, lowest[i]), MathF.Max(high, highest[i]));
        return (low, high);
    }

    private struct Trial
    {
        public float Scale, Offset, Score;

        public bool Improve(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float highest, float bound, float inverse, float offset)
        {
            Sums sums = Measure(x, w, highest, inverse, offset);
            if (!(sums.Qq > 0))
                return false;

            float determinant = (sums.W * sums.Qq) - (sums.Q * sums.Q);
            float scale = ((sums.W * sums.Xq) - (sums.X * sums.Q)) / determinant;
            float fitted = ((sums.Qq * sums.X) - (sums.Q * sums.Xq)) / determinant;
            if (!(determinant > 1e-6f * sums.W * sums.Qq) || fitted > bound)
            {
                fitted = MathF.Min(bound, 0);
                scale = (sums.Xq - (fitted * sums.Q)) / sums.Qq;
            }

            float score = AffineSearch.Score(in sums, scale, fitted);
            if (!(scale > 0) || score <= Score)
                return false;

            (Scale, Offset, Score) = (scale, fitted, score);
            return true;
        }
    }
}
