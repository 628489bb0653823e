using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>Finds scales and offsets of a super-block: <c>w ≈ d · code[g] · q − m · floor[g]</c>, d and m halves.</summary>
/// <remarks>As in <see cref="SuperSearch"/>, in turns; the two halves together solve two linear equations.</remarks>
internal static class SuperAffineSearch
{
    private const int Rounds = 3;

    /// <summary>Fits one super-block.</summary>
    /// <param name="x">Values, shape [256].</param>
    /// <param name="w">Importance, shape [256].</param>
    /// <param name="group">Values under one code.</param>
    /// <param name="highest">The highest whole number.</param>
    /// <param name="highestCode">The highest code.</param>
    /// <param name="codes">Receives the codes of scales, shape [256 / group].</param>
    /// <param name="floors">Receives the codes of offsets, shape [256 / group].</param>
    /// <param name="quants">Receives the whole numbers, shape [256].</param>
    [SkipLocalsInit]
    public static (Half Scale, Half Floor) Fit(
        ReadOnlySpan<float> x, ReadOnlySpan<float> w, int group, int highest, int highestCode, Span<byte> codes, Span<byte> floors, Span<sbyte> quants)
    {
        int groups = x.Length / group;
        Span<float> scales = stackalloc float[groups], offsets = stackalloc float[groups];
        float largestScale = 0, largestFloor = 0;
        for (int g = 0; g < groups; g++)
        {
            (scales[g], offsets[g]) = AffineSearch.Fit(x.Slice(g * group, group), w.Slice(g * group, group), highest, offsetAtMostZero: true, widths: 5);
            (largestScale, largestFloor) = (MathF.Max(largestScale, scales[g]), MathF.Max(largestFloor, -offsets[g]));
        }

        Span<byte> trialCodes = stackalloc byte[groups], trialFloors = stackalloc byte[groups];
        var next = (Scale: (Half)(largestScale / highestCode), Floor: (Half)(largestFloor / highestCode));
        var best = (Scale: Half.Zero, Floor: Half.Zero);
        float bestScore = 0;
        codes.Clear();
        floors.Clear();
        for (int round = 0; round < Rounds && next.Scale > Half.Zero; round++)
        {
            var turn = new Turn(x, w, group, highest, highestCode, HalfFloat.Widen(next.Scale), HalfFloat.Widen(next.Floor));
            for (int g = 0; g < groups; g++)
                turn.Choose(g, scales[g], offsets[g], trialCodes, trialFloors);
            if (turn.Score <= bestScore)
                break;

            (best, bestScore, next) = (next, turn.Score, turn.Solve());
            trialCodes.CopyTo(codes);
            trialFloors.CopyTo(floors);
        }

        float d = HalfFloat.Widen(best.Scale), m = HalfFloat.Widen(best.Floor);
        for (int g = 0; g < groups; g++)
            Round(x.Slice(g * group, group), d * codes[g], -(m * floors[g]), highest, quants.Slice(g * group, group));
        return best;
    }

    /// <summary><c>q = nearest((x − offset) / scale)</c> in [0, highest]; zeros under a zero scale.</summary>
    public static void Round(ReadOnlySpan<float> x, float scale, float offset, int highest, Span<sbyte> quants)
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        for (int i = 0; i < x.Length; i++)
            quants[i] = (sbyte)MathF.Round(Math.Clamp((x[i] - offset) * inverse, 0, highest));
    }

    /// <summary>One turn: codes for given halves, and the sums that give the next halves.</summary>
    private ref struct Turn(ReadOnlySpan<float> x, ReadOnlySpan<float> w, int group, int highest, int highestCode, float d, float m)
    {
        private readonly ReadOnlySpan<float> _x = x, _w = w;
        private float _ss, _sf, _ff, _xs, _xf;

        public float Score;

        public void Choose(int g, float scale, float offset, scoped Span<byte> codes, scoped Span<byte> floors)
        {
            ReadOnlySpan<float> x = _x.Slice(g * group, group), w = _w.Slice(g * group, group);
            AffineSearch.Fixed all = AffineSearch.Measure(x, w);

            // The nearest codes and those around them; a larger scale goes with a lower offset, so one corner is left out.
            Vector256<float> zero = Vector256<float>.Zero, top = Vector256.Create((float)highestCode);
            Vector256<float> code = Vector256.Create((float)Nearest(scale / d)) + Vector256.Create(0f, -1, 1, 0, 0, -1, 1, -1);
            Vector256<float> floor = Vector256.Create(m > 0 ? Nearest(-offset / m) : 0f) + Vector256.Create(0f, 0, 0, -1, 1, -1, 1, 1);
            (code, floor) = (Vector256.MinNative(Vector256.MaxNative(code, zero), top), Vector256.MinNative(Vector256.MaxNative(floor, zero), top));
            Vector256<float> step = code * d, from = -(floor * m);
            var inverse = Vector256.ConditionalSelect(Vector256.Equals(step, zero), zero, Vector256<float>.One / step);
            (Vector256<float> q, Vector256<float> qq, Vector256<float> xq) = AffineSearch.Measure(x, w, highest, inverse, from);
            Vector256<float> scores = AffineSearch.Score(in all, (q, qq, xq), step, from);
            int lane = 0;
            for (int i = 1; i < 8; i++)
            {
                if (scores[i] > scores[lane])
                    lane = i;
            }

            (codes[g], floors[g]) = ((byte)code[lane], (byte)floor[lane]);
            Add(code[lane], floor[lane], in all, new(q[lane], qq[lane], xq[lane]));
            Score += scores[lane];
        }

        public readonly (Half Scale, Half Floor) Solve()
        {
            float determinant = (_ss * _ff) - (_sf * _sf);
            if (!(determinant > 1e-6f * _ss * _ff))
                return ((Half)(_ss > 0 ? _xs / _ss : 0), Half.Zero);

            float scale = ((_xs * _ff) - (_xf * _sf)) / determinant;
            float floor = ((_xf * _ss) - (_xs * _sf)) / determinant;
            return ((Half)scale, (Half)MathF.Max(-floor, 0));
        }

        private void Add(float code, float floor, in AffineSearch.Fixed all, in AffineSearch.Sums sums)
        {
            _ss += code * code * sums.Qq;
            _sf += code * floor * sums.Q;
            _ff += floor * floor * all.W;
            _xs += code * sums.Xq;
            _xf += floor * all.X;
        }

        private readonly int Nearest(float code) => (int)MathF.Round(Math.Clamp(code, 0, highestCode));
    }
}
