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
    private const int Turns = 3;

    /// <summary>Sums over one group: <c>Σ w</c>, <c>Σ wx</c>, <c>Σ wx²</c>.</summary>
    public readonly record struct Fixed(float W, float X, float Xx);

    /// <summary>Sums over one group and its whole numbers: <c>Σ wq</c>, <c>Σ wq²</c>, <c>Σ wxq</c>.</summary>
    public readonly record struct Sums(float Q, float Qq, float Xq);

    /// <summary>The best scale and offset for one group.</summary>
    /// <param name="x">Values, shape [multiple of 8].</param>
    /// <param name="w">Importance, shape like <paramref name="x"/>.</param>
    /// <param name="highest">The highest whole number.</param>
    /// <param name="offsetAtMostZero">Whether the format holds offsets of one sign only.</param>
    /// <param name="widths">Widths of grid tried, each in eight phases.</param>
    [SkipLocalsInit]
    public static (float Scale, float Offset) Fit(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float highest, bool offsetAtMostZero, int widths)
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

        var starts = new Starts(rest, w, highest, offsetAtMostZero ? -low : float.PositiveInfinity);
        Vector256<float> phase = (Vector256.CreateSequence(0f, 1) - Vector256.Create(2f)) / Vector256.Create(8f) * range / highest;
        for (int i = 0; i < widths; i++)
        {
            // From a grid that reaches over the values to one that cuts their ends, each in eight phases.
            float scale = range / (highest - 0.9f + (2.4f * i / (widths - 1)));
            starts.Try(Vector256.Create(scale), phase);
        }

        // Each lane goes on from the best grid it has met.
        for (int turn = 1; turn < Turns; turn++)
            starts.TryAgain();

        (float best, float offset) = starts.Best();
        return (best, offset + low);
    }

    /// <summary>The best half scale, half offset and whole numbers for one group of a format without super-blocks.</summary>
    public static (Half Scale, Half Offset) Encode(ReadOnlySpan<float> x, ReadOnlySpan<float> w, int highest, Span<sbyte> quants)
    {
        (float scale, float offset) = Fit(x, w, highest, offsetAtMostZero: false, widths: 5);
        (Half Scale, Half Offset) halves = ((Half)scale, (Half)offset);
        SuperAffineSearch.Round(x, HalfFloat.Widen(halves.Scale), HalfFloat.Widen(halves.Offset), highest, quants);
        return halves;
    }

    /// <summary>The sums that do not depend on a grid.</summary>
    public static Fixed Measure(ReadOnlySpan<float> x, ReadOnlySpan<float> w)
    {
        w = w[..x.Length];
        Vector256<float> sw = Vector256<float>.Zero, sx = sw, xx = sw;
        for (int i = 0; i < x.Length; i += 8)
        {
            Vector256<float> value = Vector256.Create(x[i..]), weight = Vector256.Create(w[i..]);
            (sw, sx, xx) = (sw + weight, sx + (weight * value), xx + (weight * value * value));
        }

        return new(Vector256.Sum(sw), Vector256.Sum(sx), Vector256.Sum(xx));
    }

    /// <summary>The sums for <c>q = nearest((x − offset) · inverse)</c> in [0, highest], for eight grids at a time.</summary>
    [MethodImpl(HotLoop.Compiled)]
    public static (Vector256<float> Q, Vector256<float> Qq, Vector256<float> Xq) Measure(
        ReadOnlySpan<float> x, ReadOnlySpan<float> w, float highest, Vector256<float> inverse, Vector256<float> offset)
    {
        w = w[..x.Length];
        Vector256<float> top = Vector256.Create(highest), from = -(offset * inverse), sq = Vector256<float>.Zero, qq = sq, xq = sq;
        ref float xs = ref MemoryMarshal.GetReference(x), ws = ref MemoryMarshal.GetReference(w);
        for (int i = 0; i < x.Length; i++)
        {
            var value = Vector256.Create(Unsafe.Add(ref xs, i));
            var level = Vector256.Round(Vector256.FusedMultiplyAdd(value, inverse, from));
            level = Vector256.MinNative(Vector256.MaxNative(level, Vector256<float>.Zero), top);
            Vector256<float> weighted = level * Vector256.Create(Unsafe.Add(ref ws, i));
            sq += weighted;
            qq = Vector256.FusedMultiplyAdd(weighted, level, qq);
            xq = Vector256.FusedMultiplyAdd(weighted, value, xq);
        }

        return (sq, qq, xq);
    }

    /// <summary>How much each of eight grids takes off <c>Σ wx²</c>, with these sums.</summary>
    public static Vector256<float> Score(
        in Fixed all, (Vector256<float> Q, Vector256<float> Qq, Vector256<float> Xq) sums, Vector256<float> scale, Vector256<float> offset) =>
        (scale * (((sums.Xq - (offset * sums.Q)) * 2f) - (scale * sums.Qq))) + (offset * (Vector256.Create(2 * all.X) - (offset * all.W)));

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

    /// <summary>Eight grids at a time, one in each lane: round on a grid, fit the grid to the whole numbers, and again.</summary>
    private ref struct Starts(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float highest, float bound)
    {
        private readonly ReadOnlySpan<float> _x = x, _w = w[..x.Length];
        private readonly Fixed _all = AffineSearch.Measure(x, w);
        private Vector256<float> _scale, _offset, _score = Vector256.Create(float.NegativeInfinity);

        public void TryAgain() =>
            Try(Vector256.ConditionalSelect(Vector256.GreaterThan(_scale, Vector256<float>.Zero), _scale, Vector256<float>.One), _offset);

        public void Try(Vector256<float> scale, Vector256<float> offset)
        {
            Vector256<float> sw = Vector256.Create(_all.W), sx = Vector256.Create(_all.X), limit = Vector256.Create(bound);
            (Vector256<float> Q, Vector256<float> Qq, Vector256<float> Xq) sums = AffineSearch.Measure(_x, _w, highest, Vector256<float>.One / scale, offset);
            (Vector256<float> sq, Vector256<float> qq, Vector256<float> xq) = sums;
            Vector256<float> determinant = (sw * qq) - (sq * sq);
            offset = ((qq * sx) - (sq * xq)) / determinant;
            scale = ((sw * xq) - (sx * sq)) / determinant;

            // Where the offset is out of bounds, or cannot be told, it stays at the bound or at the lowest value.
            Vector256<float> free = Vector256.GreaterThan(determinant, sw * qq * 1e-6f) & Vector256.LessThanOrEqual(offset, limit);
            offset = Vector256.ConditionalSelect(free, offset, Vector256.Min(limit, Vector256<float>.Zero));
            scale = Vector256.ConditionalSelect(free, scale, (xq - (offset * sq)) / qq);
            Vector256<float> score = Score(in _all, sums, scale, offset);

            Vector256<float> better = Vector256.GreaterThan(score, _score) & Vector256.GreaterThan(scale, Vector256<float>.Zero);
            _score = Vector256.ConditionalSelect(better, score, _score);
            _scale = Vector256.ConditionalSelect(better, scale, _scale);
            _offset = Vector256.ConditionalSelect(better, offset, _offset);
        }

        public readonly (float Scale, float Offset) Best()
        {
            int lane = 0;
            for (int i = 1; i < 8; i++)
            {
                if (_score[i] > _score[lane])
                    lane = i;
            }

            return (_scale[lane], _offset[lane]);
        }
    }
}
