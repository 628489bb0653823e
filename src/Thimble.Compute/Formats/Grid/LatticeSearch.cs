using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>Finds lattice points and scales for a super-block: <c>w ≈ d · unit · (2·code[g] + 1) · level[digit]</c>.</summary>
/// <remarks>Groups are fitted alone first: some scales are tried, the nearest points found, the scale fitted to them, and
/// again. Then, in turns, each group takes the best of the codes around its own, and d the best value for the codes.</remarks>
/// <param name="Lattice">The points.</param>
/// <param name="Levels">What digits stand for, one row for each shift of the levels that the format has.</param>
/// <param name="Digits">Digits in a row of <paramref name="Levels"/>.</param>
/// <param name="Group">Values under one code.</param>
/// <param name="ShiftEach">Whether each point has its own shift; otherwise all of a group share one.</param>
/// <param name="Unit">The scale of code 0 for d = 1, times 1.</param>
/// <param name="HighestCode">The highest code.</param>
/// <param name="Reach">Scales tried, as fractions of that which puts the largest value on the highest level.</param>
internal sealed record LatticeSearch(Lattice Lattice, float[] Levels, int Digits, int Group, bool ShiftEach, float Unit, int HighestCode, float[] Reach)
{
    private const int Rounds = 2;

    /// <summary>Fits one super-block.</summary>
    /// <param name="x">Values, shape [256].</param>
    /// <param name="w">Importance, shape [256].</param>
    /// <param name="codes">Receives the codes, shape [256 / Group].</param>
    /// <param name="points">Receives the points' numbers, shape [256 / dimensions].</param>
    /// <param name="shifts">Receives the points' rows of levels, shape like <paramref name="points"/>.</param>
    [SkipLocalsInit]
    public Half Fit(ReadOnlySpan<float> x, ReadOnlySpan<float> w, Span<byte> codes, Span<ushort> points, Span<byte> shifts)
    {
        Span<float> scales = stackalloc float[codes.Length];
        float largest = 0;
        for (int g = 0; g < scales.Length; g++)
            largest = MathF.Max(largest, scales[g] = FitAlone(x.Slice(g * Group, Group), w.Slice(g * Group, Group)));

        double bestError = double.PositiveInfinity;
        Half best = Half.Zero;
        Span<byte> trialCodes = stackalloc byte[codes.Length], trialShifts = stackalloc byte[shifts.Length];
        Span<ushort> trialPoints = stackalloc ushort[points.Length];
        codes.Clear();
        points.Clear();
        shifts.Clear();
        // Few codes are far apart: a smaller scale, too small for the largest group, may suit the others better.
        for (int start = 0; start < (HighestCode < 15 ? 3 : 1); start++)
        {
            var scale = (Half)(largest * (1 - (0.1f * start)) / Unit / ((2 * HighestCode) + 1));
            double lastError = double.PositiveInfinity;
            for (int round = 0; round < Rounds && scale > Half.Zero; round++)
            {
                (double error, float fitted) = Choose(x, w, scales, HalfFloat.Widen(scale), trialCodes, trialPoints, trialShifts);
                if (error < bestError)
                {
                    (best, bestError) = (scale, error);
                    trialCodes.CopyTo(codes);
                    trialPoints.CopyTo(points);
                    trialShifts.CopyTo(shifts);
                }

                if (error >= lastError || (Half)fitted == scale)
                    break;
                (scale, lastError) = ((Half)fitted, error);
            }
        }

        return best;
    }

    [SkipLocalsInit]
    private float FitAlone(ReadOnlySpan<float> x, ReadOnlySpan<float> w)
    {
        float largest = MathF.Abs(ScaleSearch.Extreme(x)), bestScale = 0, bestError = float.PositiveInfinity;
        if (largest < ScaleSearch.Smallest)
            return 0;

        int vectors = Group / Lattice.Dimensions;
        Span<ushort> points = stackalloc ushort[vectors];
        Span<byte> shifts = stackalloc byte[vectors];
        float fitted = 0;
        foreach (float reach in Reach)
            Try(x, w, largest / (Levels[Digits - 1] * reach), points, shifts, ref bestScale, ref bestError, ref fitted);
        for (int turn = 0; turn < 2 && fitted > 0; turn++)
        {
            float scale = fitted;
            fitted = 0;
            Try(x, w, scale, points, shifts, ref bestScale, ref bestError, ref fitted);
        }

        return bestScale;
    }

    /// <summary>Tries a scale; if it is the best so far, receives the scale that suits its points still better.</summary>
    private void Try(
        ReadOnlySpan<float> x, ReadOnlySpan<float> w, float scale, Span<ushort> points, Span<byte> shifts, ref float bestScale, ref float bestError, ref float fitted)
    {
        float error = Match(x, w, scale, points, shifts, out float xq, out float qq);
        if (error < bestError)
            (bestError, bestScale, fitted) = (error, scale, qq > 0 ? xq / qq : 0);
    }

    [SkipLocalsInit]
    private (double Error, float Scale) Choose(
        ReadOnlySpan<float> x, ReadOnlySpan<float> w, ReadOnlySpan<float> scales, float d, Span<byte> codes, Span<ushort> points, Span<byte> shifts)
    {
        int vectors = Group / Lattice.Dimensions;
        Span<ushort> trialPoints = stackalloc ushort[vectors];
        Span<byte> trialShifts = stackalloc byte[vectors];
        double total = 0, xs = 0, ss = 0;
        for (int g = 0; g < scales.Length; g++)
        {
            int middle = (int)MathF.Round(Math.Clamp(((scales[g] / (d * Unit)) - 1) / 2, 0, HighestCode));
            float best = float.PositiveInfinity, bestXs = 0, bestSs = 0;
            for (int code = Math.Max(middle - 1, 0); code <= Math.Min(middle + 1, HighestCode); code++)
            {
                float step = ((2 * code) + 1) * Unit;
                float error = Match(x.Slice(g * Group, Group), w.Slice(g * Group, Group), d * step, trialPoints, trialShifts, out float xq, out float qq);
                if (error >= best)
                    continue;

                (best, bestXs, bestSs, codes[g]) = (error, step * xq, step * step * qq, (byte)code);
                trialPoints.CopyTo(points[(g * vectors)..]);
                trialShifts.CopyTo(shifts[(g * vectors)..]);
            }

            (total, xs, ss) = (total + best, xs + bestXs, ss + bestSs);
        }

        return (total, ss > 0 ? (float)(xs / ss) : 0);
    }

    /// <summary>The nearest points for a scale, their error, and the sums <c>Σ wxq</c> and <c>Σ wq²</c>.</summary>
    [SkipLocalsInit]
    private float Match(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float scale, Span<ushort> points, Span<byte> shifts, out float xq, out float qq)
    {
        int rows = Levels.Length / Digits, vectors = points.Length, dimensions = Lattice.Dimensions;
        Span<ushort> found = stackalloc ushort[vectors * rows];
        Span<float> errors = stackalloc float[vectors * rows], sums = stackalloc float[rows];
        sums.Clear();
        for (int row = 0; row < rows; row++)
        {
            for (int v = 0; v < vectors; v++)
            {
                int at = (row * vectors) + v;
                found[at] = (ushort)Nearest(x.Slice(v * dimensions, dimensions), w.Slice(v * dimensions, dimensions), scale, row, out errors[at]);
                sums[row] += errors[at];
            }
        }

        float error = 0;
        (xq, qq) = (0, 0);
        int shared = rows > 1 && sums[1] < sums[0] ? 1 : 0;
        for (int v = 0; v < vectors; v++)
        {
            int row = !ShiftEach ? shared : errors[vectors + v] < errors[v] ? 1 : 0, at = (row * vectors) + v;
            (points[v], shifts[v], error) = (found[at], (byte)row, error + errors[at]);
            AddMoments(x.Slice(v * dimensions, dimensions), w.Slice(v * dimensions, dimensions), points[v], row, ref xq, ref qq);
        }

        return error;
    }

    [SkipLocalsInit]
    private int Nearest(ReadOnlySpan<float> x, ReadOnlySpan<float> w, float scale, int row, out float error)
    {
        Span<float> costs = stackalloc float[x.Length * Digits];
        for (int digit = 0; digit < Digits; digit++)
        {
            var level = Vector128.Create(scale * Levels[(row * Digits) + digit]);
            for (int i = 0; i < x.Length; i += 4)
            {
                Vector128<float> miss = Vector128.Create(x[i..]) - level;
                (Vector128.Create(w[i..]) * miss * miss).CopyTo(costs[((digit * x.Length) + i)..]);
            }
        }

        return Lattice.Nearest(costs, out error);
    }

    private void AddMoments(ReadOnlySpan<float> x, ReadOnlySpan<float> w, int point, int row, ref float xq, ref float qq)
    {
        for (int i = 0; i < x.Length; i++)
        {
            float level = Levels[(row * Digits) + Lattice.Digit(point, i)];
            (xq, qq) = (xq + (w[i] * x[i] * level), qq + (w[i] * level * level));
        }
    }
}
