namespace Thimble.Lab.Training;

/// <summary>What share of each parameter a sparse perturbation leaves alone, so that of all numbers together it is the share asked for.</summary>
/// <remarks>Of a tensor, as many as there are among its numbers below the quantile of all magnitudes; which ones, is drawn anew every so
/// often. The published code compares normal numbers with the share, which leaves alone 54, 69 and 82 % where 10, 50 and 90 are asked for.
/// Source: Zhang et al., "Revisiting Zeroth-Order Optimization for Memory-Efficient LLM Fine-Tuning", 2024 (ZO-Bench), section 5.3.</remarks>
internal static class Sparsity
{
    private const int Bins = 1 << 15;   // magnitudes by their exponent and first seven bits

    /// <summary>The share of each parameter.</summary>
    /// <param name="parameters">They.</param>
    /// <param name="share">Of all numbers together, in [0, 1).</param>
    public static double[] Shares(IReadOnlyList<Parameter> parameters, double share)
    {
        long[] all = new long[Bins];
        long[][] own = [.. parameters.Select(Histogram)];
        foreach (long[] counts in own)
        {
            for (int i = 0; i < Bins; i++)
                all[i] += counts[i];
        }

        double wanted = share * all.Sum();
        int edge = 0;
        double below = 0;
        for (; edge < Bins - 1 && below + all[edge] <= wanted; edge++)
            below += all[edge];
        double part = all[edge] == 0 ? 0 : (wanted - below) / all[edge];   // of the bin that the quantile lies in
        return [.. own.Select(counts => (counts.AsSpan(0, edge).ToArray().Sum() + (part * counts[edge])) / counts.Sum())];
    }

    private static long[] Histogram(Parameter parameter)
    {
        long[] counts = new long[Bins];
        foreach (float value in parameter.Values)
            counts[(BitConverter.SingleToUInt32Bits(value) & 0x7FFFFFFF) >> 16]++;
        return counts;
    }
}
