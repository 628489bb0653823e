using System.Runtime.CompilerServices;
using Thimble.Compute.Simd;

namespace Thimble.Compute.Formats;

/// <summary>Finds the scales of a super-block, themselves whole numbers under one half: <c>w ≈ d · code[g] · q</c>.</summary>
/// <remarks>Groups are fitted alone first. Then, in turns, each group takes the best of the codes around its own for the
/// given d (rounding its values anew), and d takes the best value for the given codes, until nothing improves.</remarks>
internal static class SuperSearch
{
    private const int Rounds = 4;

    /// <summary>Fits one super-block without offsets.</summary>
    /// <param name="x">Values, shape [256].</param>
    /// <param name="w">Importance, shape [256].</param>
    /// <param name="group">Values under one code.</param>
    /// <param name="lowest">The lowest code; the largest scale takes it.</param>
    /// <param name="highest">The highest code.</param>
    /// <param name="codes">Receives the codes, shape [256 / group].</param>
    /// <param name="quants">Receives the levels, shape [256].</param>
    /// <param name="steps">A quarter of the factors tried for each end, when groups are fitted alone.</param>
    /// <returns>The scale of the codes.</returns>
    [SkipLocalsInit]
    public static Half Fit<TLevels>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> w, int group, int lowest, int highest, Span<sbyte> codes, Span<sbyte> quants, int steps = 2)
        where TLevels : ILevels
    {
        Span<float> scales = stackalloc float[x.Length / group];
        float largest = 0;
        for (int g = 0; g < scales.Length; g++)
        {
            scales[g] = ScaleSearch.Fit<TLevels>(x.Slice(g * group, group), w.Slice(g * group, group), 0.8f, 1.3f, steps);
            if (MathF.Abs(scales[g]) > MathF.Abs(largest))
                largest = scales[g];
        }

        Span<sbyte> trial = stackalloc sbyte[scales.Length];
        Half best = Half.Zero, scale = (Half)(largest / lowest);
        float bestScore = 0;
        for (int round = 0; round < Rounds && scale != Half.Zero; round++)
        {
            (float score, float fitted) = Choose<TLevels>(x, w, scales, group, HalfFloat.Widen(scale), lowest, highest, trial);
            if (score <= bestScore)
                break;

            (best, bestScore, scale) = (scale, score, (Half)fitted);
            trial.CopyTo(codes);
        }

        if (best == Half.Zero)
            codes.Clear();
        for (int g = 0; g < scales.Length; g++)
        {
            float step = HalfFloat.Widen(best) * codes[g];
            WholeNumbers.Round<TLevels>(x.Slice(g * group, group), step == 0 ? 0 : 1 / step, quants.Slice(g * group, group));
        }

        return best;
    }

    private static (float Score, float Scale) Choose<TLevels>(
        ReadOnlySpan<float> x, ReadOnlySpan<float> w, ReadOnlySpan<float> scales, int group, float d, int lowest, int highest, Span<sbyte> codes)
        where TLevels : ILevels
    {
        float total = 0, xs = 0, ss = 0;
        for (int g = 0; g < scales.Length; g++)
        {
            int middle = (int)MathF.Round(Math.Clamp(scales[g] / d, lowest, highest));
            float best = 0, bestXs = 0, bestSs = 0;
            codes[g] = 0;
            for (int code = Math.Max(middle - 1, lowest); code <= Math.Min(middle + 1, highest); code++)
            {
                float step = d * code;
                if (step == 0)
                    continue;

                (float xq, float qq) = ScaleSearch.Moments<TLevels>(x.Slice(g * group, group), w.Slice(g * group, group), 1 / step);
                float score = step * ((2 * xq) - (step * qq));
                if (score > best)
                    (best, bestXs, bestSs, codes[g]) = (score, code * xq, (float)code * code * qq, (sbyte)code);
            }

            (total, xs, ss) = (total + best, xs + bestXs, ss + bestSs);
        }

        return (total, ss > 0 ? xs / ss : 0);
    }
}
